using System.Security.Cryptography;

namespace Commune.Mail.Cryptography;

/// <summary>Ed25519 private keys as PKCS #8 PEM (RFC 8410 §7).</summary>
public static class Ed25519Pem
{
    private const string Label = "PRIVATE KEY";

    // OneAsymmetricKey { 0, { id-Ed25519 }, OCTET STRING { OCTET STRING of 32 } }: the seed follows.
    private static ReadOnlySpan<byte> Prefix =>
        [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

    public static string Write(ReadOnlySpan<byte> privateKey) => PemEncoding.WriteString(Label, [.. Prefix, .. privateKey]);

    /// <summary>False when the text holds no such key first of all; a key of another kind is none.</summary>
    public static bool TryRead(string pem, out byte[] privateKey)
    {
        privateKey = [];
        if (!PemEncoding.TryFind(pem, out var fields) || !pem.AsSpan()[fields.Label].SequenceEqual(Label))
            return false;
        var der = new byte[fields.DecodedDataLength];
        if (!Convert.TryFromBase64Chars(pem.AsSpan()[fields.Base64Data], der, out var length)
            || length != Prefix.Length + Ed25519.PrivateKeySize
            || !der.AsSpan().StartsWith(Prefix))
            return false;
        privateKey = der[Prefix.Length..length];
        return true;
    }
}
