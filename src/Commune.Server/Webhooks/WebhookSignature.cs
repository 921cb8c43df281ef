using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Commune.Server.Webhooks;

/// <summary>The two signatures of a call (contract section 14; standardwebhooks.com): each attempt is signed anew.</summary>
internal static class WebhookSignature
{
    private const string Prefix = "whsec_";

    /// <summary><c>x-commune-signature</c>: the key is the whole secret as UTF-8, the message <c>timestamp.body</c>.</summary>
    public static string Commune(string secret, string timestamp, ReadOnlySpan<byte> body) =>
        "v1=" + Convert.ToHexStringLower(Hash(Encoding.UTF8.GetBytes(secret), timestamp + ".", body));

    /// <summary><c>webhook-signature</c>: one per secret, separated by spaces, over <c>id.timestamp.body</c>.</summary>
    public static string Standard(IEnumerable<string> secrets, string id, long seconds, ReadOnlyMemory<byte> body)
    {
        var head = string.Create(CultureInfo.InvariantCulture, $"{id}.{seconds}.");
        return string.Join(' ', secrets.Select(secret => "v1," + Convert.ToBase64String(Hash(StandardKey(secret), head, body.Span))));
    }

    /// <summary>The base64 behind <c>whsec_</c>; a secret that is not of that form is taken as it is, as UTF-8.</summary>
    internal static byte[] StandardKey(string secret)
    {
        if (secret.StartsWith(Prefix, StringComparison.Ordinal) && secret.Length > Prefix.Length && Base64.IsValid(secret.AsSpan(Prefix.Length)))
            return Convert.FromBase64String(secret[Prefix.Length..]);
        return Encoding.UTF8.GetBytes(secret);
    }

    private static byte[] Hash(byte[] key, string head, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(Encoding.UTF8.GetBytes(head));
        hmac.AppendData(body);
        return hmac.GetHashAndReset();
    }
}
