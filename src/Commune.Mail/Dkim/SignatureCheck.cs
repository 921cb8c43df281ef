using System.Security.Cryptography;
using Commune.Mail.Cryptography;

namespace Commune.Mail.Dkim;

/// <summary>Whether a signature matches under a key that the key's record lets it use (RFC 6376 §6.1.2, §6.1.3).</summary>
internal readonly record struct SignatureCheck(DkimVerdict Verdict, string? Reason, bool IsTesting = false)
{
    // Longer ones cost too much; RFC 8301 §3.2 asks for up to 4096.
    private const int MaximumRsaBits = 8192;

    /// <summary>Tries the keys in turn; the first that matches decides, and otherwise the first.</summary>
    public static SignatureCheck Against(KeyLookup lookup, SignatureField signature, byte[] hash, DkimVerifierSettings settings)
    {
        SignatureCheck? first = null;
        foreach (var key in lookup.Keys)
        {
            var check = Against(key, signature, hash, settings);
            if (check.Verdict == DkimVerdict.Pass)
                return check;
            first ??= check;
        }

        return first ?? new SignatureCheck(lookup.Verdict, lookup.Reason);
    }

    private static SignatureCheck Against(DkimKeyRecord key, SignatureField signature, byte[] hash, DkimVerifierSettings settings)
    {
        var (verdict, reason) = Unusable(key, signature) is { } why
            ? (DkimVerdict.PermError, why)
            : signature.Algorithm == DkimAlgorithm.Ed25519Sha256
                ? Ed25519Check(key, signature, hash)
                : RsaCheck(key, signature, hash, settings);
        return new SignatureCheck(verdict, reason, key.IsTesting);
    }

    private static string? Unusable(DkimKeyRecord key, SignatureField signature)
    {
        if (key.PublicKey.Length == 0)
            return "the key was revoked";
        if (key.KeyType != signature.Algorithm.KeyType())
            return "the key is of another type than a=";
        if (!key.AllowsHash(signature.Algorithm.HashName()))
            return "the key is not for this hash";
        if (!key.IsForEmail)
            return "the key is not for email";
        return key.IsStrict && signature.IdentityDomain != signature.Domain ? "the key is not for subdomains" : null;
    }

    private static (DkimVerdict, string?) RsaCheck(DkimKeyRecord key, SignatureField signature, byte[] hash, DkimVerifierSettings settings)
    {
        using var rsa = RSA.Create();
        if (!TryImport(rsa, key.PublicKey))
            return (DkimVerdict.PermError, "p= is no RSA key");
        if (rsa.KeySize < settings.MinimumRsaBits || rsa.KeySize > MaximumRsaBits)
            return (DkimVerdict.Policy, $"the key has {rsa.KeySize} bits");
        try
        {
            return rsa.VerifyHash(hash, signature.Signature, signature.Algorithm.Hash(), RSASignaturePadding.Pkcs1)
                ? (DkimVerdict.Pass, null)
                : (DkimVerdict.Fail, "the signature does not match");
        }
        catch (CryptographicException)
        {
            return (DkimVerdict.PermError, "p= is no RSA key");
        }
    }

    /// <summary>RFC 8463 §3: the SHA-256 hash is the message that PureEdDSA signs; §4: p= is the bare key.</summary>
    private static (DkimVerdict, string?) Ed25519Check(DkimKeyRecord key, SignatureField signature, byte[] hash)
    {
        if (key.PublicKey.Length != Ed25519.PublicKeySize)
            return (DkimVerdict.PermError, "p= is no Ed25519 key");
        if (!Ed25519.IsSupported)
            return (DkimVerdict.Neutral, "Ed25519 is not available here");
        return Ed25519.Verify(key.PublicKey, hash, signature.Signature)
            ? (DkimVerdict.Pass, null)
            : (DkimVerdict.Fail, "the signature does not match");
    }

    /// <summary>§3.6.1 names RSAPublicKey; what everybody publishes, its own examples too, is SubjectPublicKeyInfo
    /// (erratum 3017).</summary>
    private static bool TryImport(RSA rsa, byte[] key)
    {
        try
        {
            rsa.ImportSubjectPublicKeyInfo(key, out _);
            return true;
        }
        catch (CryptographicException)
        {
            try
            {
                rsa.ImportRSAPublicKey(key, out _);
                return true;
            }
            catch (CryptographicException)
            {
                return false;
            }
        }
    }
}
