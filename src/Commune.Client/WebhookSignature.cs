using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Commune.Client;

/// <summary>Tells whether a call to your webhook endpoint came from the server, by either of its two signatures.</summary>
public static class WebhookSignature
{
    private const string Prefix = "whsec_";

    /// <summary>A call whose time lies further away than this is not believed.</summary>
    public static TimeSpan Tolerance { get; } = TimeSpan.FromMinutes(5);

    /// <param name="signature">The header <c>x-commune-signature</c>.</param>
    /// <param name="timestamp">The header <c>x-commune-timestamp</c>, Unix milliseconds.</param>
    /// <param name="body">The bytes as they came.</param>
    public static bool IsValid(string secret, string? signature, string? timestamp, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(secret);
        if (signature is null || !IsNear(timestamp, 1, now))
            return false;
        return Equal("v1=" + Convert.ToHexStringLower(Hash(Encoding.UTF8.GetBytes(secret), timestamp + ".", body)), signature.Trim());
    }

    /// <summary>The same by the headers of Standard Webhooks.</summary>
    /// <param name="id">The header <c>webhook-id</c>.</param>
    /// <param name="timestamp">The header <c>webhook-timestamp</c>, Unix seconds.</param>
    /// <param name="signatures">The header <c>webhook-signature</c>, which may hold several.</param>
    public static bool IsValidStandard(string secret, string? id, string? timestamp, string? signatures, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(secret);
        if (id is null || signatures is null || !IsNear(timestamp, 1000, now))
            return false;
        var expected = "v1," + Convert.ToBase64String(Hash(StandardKey(secret), $"{id}.{timestamp}.", body));
        var valid = false;
        foreach (var signature in signatures.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            valid |= Equal(expected, signature);
        return valid;
    }

    private static bool IsNear(string? timestamp, long unit, DateTimeOffset now) =>
        long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at < long.MaxValue / unit
        && Math.Abs((double)(now.ToUnixTimeMilliseconds() - (at * unit))) <= Tolerance.TotalMilliseconds;

    private static byte[] StandardKey(string secret)
    {
        var key = new byte[secret.Length];
        return secret.StartsWith(Prefix, StringComparison.Ordinal) && secret.Length > Prefix.Length && Convert.TryFromBase64String(secret[Prefix.Length..], key, out var length)
            ? key[..length] : Encoding.UTF8.GetBytes(secret);
    }

    private static byte[] Hash(byte[] key, string head, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(Encoding.UTF8.GetBytes(head));
        hmac.AppendData(body);
        return hmac.GetHashAndReset();
    }

    private static bool Equal(string one, string other) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));
}
