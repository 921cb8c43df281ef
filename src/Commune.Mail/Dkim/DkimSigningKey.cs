using System.Collections.Concurrent;
using System.Security.Cryptography;
using Commune.Mail.Cryptography;
using Commune.Mail.Dns;

namespace Commune.Mail.Dkim;

/// <summary>The private half of a DKIM key, with the place where the public half is published:
/// <c>selector._domainkey.domain</c>. Thread-safe: an <see cref="RSA"/> instance promises nothing about concurrent use,
/// so each signature borrows an instance of its own from a pool that grows to the number of concurrent signers.</summary>
public sealed class DkimSigningKey : IDisposable
{
    // RFC 8301 §3.2: signers use at least 1024 bits, and should use 2048.
    private const int MinimumBits = 1024;

    private readonly ConcurrentBag<RSA> _idle = [];
    private readonly RSAParameters _parameters;
    private readonly byte[] _seed = [];
    private volatile bool _isDisposed;

    /// <param name="domain">The d= tag; U-labels become A-labels.</param>
    /// <param name="selector">The s= tag; it may have dots.</param>
    /// <param name="key">Owned from here on. It must have a private half that can be exported.</param>
    /// <exception cref="ArgumentException">Domain or selector is no domain name, or the key is too short.</exception>
    public DkimSigningKey(string domain, string selector, RSA key)
    {
        ArgumentNullException.ThrowIfNull(key);
        (Domain, Selector) = Place(domain, selector);
        if (key.KeySize < MinimumBits)
            throw new ArgumentException($"A DKIM key needs at least {MinimumBits} bits; this one has {key.KeySize}.", nameof(key));

        Algorithm = DkimAlgorithm.RsaSha256;
        _parameters = key.ExportParameters(includePrivateParameters: true);
        PublicRecord = RecordValue(key);
        _idle.Add(key);
    }

    private DkimSigningKey(string domain, string selector, byte[] seed)
    {
        (Domain, Selector) = Place(domain, selector);
        Algorithm = DkimAlgorithm.Ed25519Sha256;
        _seed = seed;
        PublicRecord = RecordValue(seed);
    }

    public DkimAlgorithm Algorithm { get; }

    public string Domain { get; }

    public string Selector { get; }

    /// <summary>The value of the TXT record (RFC 6376 §3.6.1). Longer than 255 octets for 2048 bits: a zone file splits
    /// it into several strings.</summary>
    public string PublicRecord { get; }

    /// <summary>Makes a key pair: PKCS #8 PEM, and the value of the TXT record.</summary>
    public static (string PrivatePem, string PublicRecordValue) Generate(int bits = 2048)
    {
        using var key = RSA.Create(bits);
        return (key.ExportPkcs8PrivateKeyPem(), RecordValue(key));
    }

    /// <summary>Makes an Ed25519 key pair (RFC 8463): PKCS #8 PEM, and the value of the TXT record.</summary>
    public static (string PrivatePem, string PublicRecordValue) GenerateEd25519()
    {
        var seed = Ed25519.GenerateKey();
        return (Ed25519Pem.Write(seed), RecordValue(seed));
    }

    /// <param name="seed">The Ed25519 private key: 32 bytes. Copied.</param>
    /// <exception cref="ArgumentException">Domain or selector is no domain name, or the seed has another size.</exception>
    public static DkimSigningKey FromEd25519Seed(string domain, string selector, ReadOnlySpan<byte> seed) =>
        new(domain, selector, seed.ToArray());

    /// <exception cref="ArgumentException">The text holds no RSA or Ed25519 private key in PEM (PKCS #8 or PKCS #1).</exception>
    public static DkimSigningKey FromPem(string domain, string selector, string pem)
    {
        if (Ed25519Pem.TryRead(pem, out var seed))
            return new DkimSigningKey(domain, selector, seed);
        var key = RSA.Create();
        try
        {
            key.ImportFromPem(pem);
            return new DkimSigningKey(domain, selector, key);
        }
        catch (CryptographicException e)
        {
            key.Dispose();
            throw new ArgumentException("The text is not an RSA or Ed25519 private key in PEM form.", nameof(pem), e);
        }
        catch (ArgumentException)
        {
            key.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _isDisposed = true;
        while (_idle.TryTake(out var key))
            key.Dispose();
        CryptographicOperations.ZeroMemory(_seed);
    }

    /// <summary>Over a SHA-256 hash: RSASSA-PKCS1-v1_5 (RFC 6376 §3.3.1), or PureEdDSA with the hash as its message
    /// (RFC 8463 §3).</summary>
    internal byte[] SignHash(ReadOnlySpan<byte> sha256)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (Algorithm == DkimAlgorithm.Ed25519Sha256)
            return Ed25519.Sign(_seed, sha256);
        if (!_idle.TryTake(out var key))
            key = RSA.Create(_parameters);
        try
        {
            return key.SignHash(sha256.ToArray(), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
        finally
        {
            _idle.Add(key);
            if (_isDisposed)
                Dispose();
        }
    }

    private static (string Domain, string Selector) Place(string domain, string selector)
    {
        if (!TryName(domain, out var d))
            throw new ArgumentException($"'{domain}' is not a domain name.", nameof(domain));
        return TryName(selector, out var s)
            ? (d, s)
            : throw new ArgumentException($"'{selector}' is not a DKIM selector.", nameof(selector));
    }

    /// <summary>RFC 6376 §3.5: d= and s= are sub-domains, so no other character can end the tag early.</summary>
    private static bool TryName(string name, out string normalized) =>
        DnsName.TryNormalize(name, out normalized)
        && normalized != "."
        && normalized.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_');

    private static string RecordValue(RSA key) =>
        $"v=DKIM1; k=rsa; p={Convert.ToBase64String(key.ExportSubjectPublicKeyInfo())}";

    /// <summary>RFC 8463 §4: the bare public key.</summary>
    private static string RecordValue(byte[] seed) =>
        $"v=DKIM1; k=ed25519; p={Convert.ToBase64String(Ed25519.PublicKey(seed))}";
}
