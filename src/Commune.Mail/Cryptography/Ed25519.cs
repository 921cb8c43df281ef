using System.Security.Cryptography;

namespace Commune.Mail.Cryptography;

/// <summary>PureEd25519 (RFC 8032 §5.1), as OpenSSL's libcrypto does it. Keys are raw: a private key is the seed of
/// 32 bytes, a public key 32 bytes, a signature 64.</summary>
/// <remarks>Every method throws <see cref="PlatformNotSupportedException"/> where <c>libcrypto.so.3</c> is absent.</remarks>
public static class Ed25519
{
    public const int PrivateKeySize = 32;

    public const int PublicKeySize = 32;

    public const int SignatureSize = 64;

    /// <summary>False where <c>libcrypto.so.3</c> (OpenSSL 3) can't be loaded.</summary>
    public static bool IsSupported { get; } = Probe();

    /// <summary>A new private key: 32 random bytes (RFC 8032 §5.1.5).</summary>
    public static byte[] GenerateKey() => RandomNumberGenerator.GetBytes(PrivateKeySize);

    /// <exception cref="ArgumentException">The private key has not 32 bytes.</exception>
    public static byte[] PublicKey(ReadOnlySpan<byte> privateKey)
    {
        using var key = PrivateHandle(privateKey);
        var output = new byte[PublicKeySize];
        nuint length = PublicKeySize;
        LibCrypto.Check(LibCrypto.GetRawPublicKey(key, output, ref length) == 1, "the public half of an Ed25519 key");
        return output;
    }

    /// <exception cref="ArgumentException">The private key has not 32 bytes.</exception>
    public static byte[] Sign(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> message)
    {
        using var key = PrivateHandle(privateKey);
        using var context = NewContext();
        var signature = new byte[SignatureSize];
        nuint length = SignatureSize;
        LibCrypto.Check(
            LibCrypto.DigestSignInit(context, 0, 0, 0, key) == 1
                && LibCrypto.DigestSign(context, signature, ref length, message, (nuint)message.Length) == 1,
            "an Ed25519 signature");
        return signature;
    }

    /// <summary>False for a signature that doesn't match, and for a key or signature of the wrong size or form.</summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        RequireLibrary();
        if (publicKey.Length != PublicKeySize || signature.Length != SignatureSize)
            return false;
        using var key = LibCrypto.NewRawPublicKey(LibCrypto.KeyTypeEd25519, 0, publicKey, PublicKeySize);
        LibCrypto.Check(!key.IsInvalid, "an Ed25519 public key");
        using var context = NewContext();
        LibCrypto.Check(LibCrypto.DigestVerifyInit(context, 0, 0, 0, key) == 1, "an Ed25519 verification");
        return LibCrypto.Succeeded(
            LibCrypto.DigestVerify(context, signature, (nuint)signature.Length, message, (nuint)message.Length));
    }

    private static LibCrypto.EvpKey PrivateHandle(ReadOnlySpan<byte> privateKey)
    {
        RequireLibrary();
        if (privateKey.Length != PrivateKeySize)
            throw new ArgumentException($"An Ed25519 private key has {PrivateKeySize} bytes; this one has {privateKey.Length}.", nameof(privateKey));
        var key = LibCrypto.NewRawPrivateKey(LibCrypto.KeyTypeEd25519, 0, privateKey, PrivateKeySize);
        LibCrypto.Check(!key.IsInvalid, "an Ed25519 private key");
        return key;
    }

    private static LibCrypto.EvpContext NewContext()
    {
        var context = LibCrypto.NewContext();
        LibCrypto.Check(!context.IsInvalid, "a context, for want of memory");
        return context;
    }

    private static void RequireLibrary()
    {
        if (!IsSupported)
            throw new PlatformNotSupportedException("Ed25519 needs OpenSSL 3: libcrypto.so.3 was not found (Debian and Ubuntu: apt-get install libssl3).");
    }

    private static bool Probe()
    {
        try
        {
            using var context = LibCrypto.NewContext();
            return !context.IsInvalid;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            return false;
        }
    }
}
