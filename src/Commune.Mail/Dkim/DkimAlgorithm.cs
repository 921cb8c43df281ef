using System.Security.Cryptography;

namespace Commune.Mail.Dkim;

/// <summary>Signature algorithms (RFC 6376 §3.3, RFC 8463 §3).</summary>
public enum DkimAlgorithm
{
    RsaSha256,
    Ed25519Sha256,

    /// <summary>Must not be used to sign or to verify (RFC 8301 §3.1).</summary>
    RsaSha1,
}

internal static class DkimAlgorithms
{
    /// <summary>The word of an a= tag; null for one that is not known. Case matters: a tag value is case-sensitive
    /// unless its description says otherwise (RFC 6376 §3.2).</summary>
    public static DkimAlgorithm? FromTag(string? tag) => tag switch
    {
        "rsa-sha256" => DkimAlgorithm.RsaSha256,
        "ed25519-sha256" => DkimAlgorithm.Ed25519Sha256,
        "rsa-sha1" => DkimAlgorithm.RsaSha1,
        _ => null,
    };

    public static string ToTag(this DkimAlgorithm algorithm) => algorithm switch
    {
        DkimAlgorithm.RsaSha256 => "rsa-sha256",
        DkimAlgorithm.Ed25519Sha256 => "ed25519-sha256",
        _ => "rsa-sha1",
    };

    /// <summary>The word of a key record's k= tag.</summary>
    public static string KeyType(this DkimAlgorithm algorithm) =>
        algorithm == DkimAlgorithm.Ed25519Sha256 ? "ed25519" : "rsa";

    public static HashAlgorithmName Hash(this DkimAlgorithm algorithm) =>
        algorithm == DkimAlgorithm.RsaSha1 ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256;

    /// <summary>The word of a key record's h= tag.</summary>
    public static string HashName(this DkimAlgorithm algorithm) => algorithm == DkimAlgorithm.RsaSha1 ? "sha1" : "sha256";
}
