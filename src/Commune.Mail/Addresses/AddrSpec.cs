namespace Commune.Mail.Addresses;

/// <summary>The addr-spec of RFC 5322 §3.4.1, with what stands around it in mail.</summary>
internal static class AddrSpec
{
    // More than RFC 5321 lets through, and little enough to be kept.
    private const int LongestAddress = 1000;

    /// <summary>The two sides of an address; null when it is none. The local part is quoted where it has to be.</summary>
    public static (string Local, string Domain)? Split(string address)
    {
        if (address.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase))
            address = address["mailto:".Length..];
        // RFC 5322 §4.4: an obsolete route, "@a,@b:local@domain".
        if (address.StartsWith('@') && address.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
            address = address[(colon + 1)..];
        var at = address.LastIndexOf('@');
        if (at <= 0 || at == address.Length - 1 || address.Length > LongestAddress || address.Any(char.IsControl))
            return null;
        var local = address[..at];
        var domain = address[(at + 1)..].TrimEnd('.').ToLowerInvariant();
        if (domain.Length == 0)
            return null;
        if (domain[0] != '[' && domain.AsSpan().ContainsAny("@<>()[]\",;:\\ "))
            return null;
        if (local[0] != '"' && local.AsSpan().ContainsAny("@<>()[]\",;:\\ "))
            local = Phrase.QuoteAlways(local.Replace("\"", "", StringComparison.Ordinal));
        return (local, domain);
    }
}
