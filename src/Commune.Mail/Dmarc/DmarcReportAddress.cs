using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Commune.Mail.Dmarc;

/// <summary>One address of rua= or ruf= (RFC 7489 §6.4, dmarc-uri).</summary>
/// <param name="Uri">As published, without the size: <c>mailto:reports@example.com</c>.</param>
/// <param name="MaxBytes">The largest report that is taken; null when the domain names no limit.</param>
public sealed record DmarcReportAddress(Uri Uri, long? MaxBytes)
{
    // The standard asks for two at least; beyond that an address list is a way to have us mail strangers.
    private const int Most = 10;

    /// <summary>Reads a comma-separated list; what is no URI is left out.</summary>
    internal static IReadOnlyList<DmarcReportAddress> ReadList(string value)
    {
        var addresses = new List<DmarcReportAddress>();
        foreach (var range in value.AsSpan().Split(','))
        {
            if (addresses.Count < Most && TryRead(value.AsSpan()[range].Trim(), out var address))
                addresses.Add(address);
        }

        return addresses;
    }

    private static bool TryRead(ReadOnlySpan<char> text, [NotNullWhen(true)] out DmarcReportAddress? address)
    {
        address = null;
        long? most = null;
        // An exclamation mark within the URI itself is percent-encoded.
        var mark = text.IndexOf('!');
        if (mark >= 0)
        {
            if (!TryReadSize(text[(mark + 1)..], out var size))
                return false;
            most = size;
            text = text[..mark];
        }

        // The framework takes a path for a file URI.
        if (!text.Contains(':') || !Uri.TryCreate(text.ToString(), UriKind.Absolute, out var uri))
            return false;
        address = new DmarcReportAddress(uri, most);
        return true;
    }

    /// <summary>Digits and k, m, g or t, which are powers of 2 to the 10.</summary>
    private static bool TryReadSize(ReadOnlySpan<char> text, out long bytes)
    {
        bytes = 0;
        if (text.IsEmpty)
            return false;
        var shift = char.ToLowerInvariant(text[^1]) switch { 'k' => 10, 'm' => 20, 'g' => 30, 't' => 40, _ => 0 };
        if (shift > 0)
            text = text[..^1];
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return false;
        bytes = number > long.MaxValue >> shift ? long.MaxValue : number << shift;
        return true;
    }
}
