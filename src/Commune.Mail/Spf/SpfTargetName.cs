using Commune.Mail.Dns;

namespace Commune.Mail.Spf;

/// <summary>The name that a domain-spec expands to.</summary>
internal static class SpfTargetName
{
    /// <summary>RFC 7208 §7.3: a trailing dot is dropped; a name over 253 characters loses labels on its left side until
    /// it fits. A name that is still malformed does not exist, as the resolver will say.</summary>
    public static string Shorten(string name)
    {
        if (name.EndsWith('.'))
            name = name[..^1];
        if (name.Length <= DnsName.MaxLength)
            return name;
        var dot = name.IndexOf('.', name.Length - DnsName.MaxLength - 1);
        return dot < 0 ? "" : name[(dot + 1)..];
    }

    /// <summary>For a log or a header field: what is not printable ASCII becomes a question mark.</summary>
    public static string Printable(string name) => string.Create(name.Length, name, static (span, source) =>
    {
        for (var i = 0; i < span.Length; i++)
            span[i] = source[i] is > ' ' and < '\x7F' and not '"' and not '\\' ? source[i] : '?';
    });
}
