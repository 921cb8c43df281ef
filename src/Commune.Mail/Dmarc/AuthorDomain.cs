using Commune.Mail.Dns;

namespace Commune.Mail.Dmarc;

/// <summary>The domain of an author address, as it is asked for and compared.</summary>
public static class AuthorDomain
{
    /// <summary>Lower case A-labels of letters, digits, hyphens and underscores. False for all else that may stand behind the @: an address literal,
    /// an empty label, what IDNA refuses. No DNS record can vouch for these.</summary>
    public static bool TryRead(string? domain, out string name)
    {
        if (!DnsName.TryNormalize(domain, out name))
            return false;
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))
                return false;
        }
        return name[0] != '.';
    }

    /// <summary>The same for what stands behind the last @ of an address.</summary>
    public static bool TryReadOf(string address, out string name)
    {
        var at = address.LastIndexOf('@');
        name = "";
        return at > 0 && TryRead(address[(at + 1)..], out name);
    }

    /// <summary>The name is this domain or lies below it; both as <see cref="TryRead"/> gives them.</summary>
    public static bool IsWithin(string name, string domain) =>
        name == domain || (name.Length > domain.Length && name.EndsWith(domain, StringComparison.Ordinal) && name[^(domain.Length + 1)] == '.');
}
