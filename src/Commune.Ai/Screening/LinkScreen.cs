using Commune.Mail.PublicSuffix;
using Commune.Mail.Text;

namespace Commune.Ai.Screening;

/// <summary>A link of a mail, with where it really goes.</summary>
/// <param name="Host">Lower case; "" when the address has none.</param>
/// <param name="ShownHost">The host that its text names, or its address before an "@"; or null.</param>
/// <param name="Deceptive">That is a host of another organisation.</param>
public sealed record JudgedLink(string Text, string Url, string Host, string? ShownHost, bool Deceptive);

/// <summary>Compares what links show with where they go.</summary>
public static class LinkScreen
{
    private const int LongestPlainHost = 63;

    /// <summary>Of hosts, and of hardly any file.</summary>
    private static readonly HashSet<string> Endings = new(StringComparer.OrdinalIgnoreCase)
    {
        "com", "org", "net", "info", "biz", "gov", "edu", "mil", "int", "eu", "io", "co", "me", "tv", "cc", "app", "dev", "bank", "shop", "store", "online", "site", "xyz", "cloud", "example",
        "de", "fr", "uk", "us", "ca", "au", "jp", "cn", "in", "br", "ru", "it", "es", "nl", "ch", "at", "be", "se", "no", "dk", "fi", "cz", "pt", "gr", "ie", "nz", "kr", "mx", "za", "tr", "hk", "sg", "ar",
        "cl", "ua", "hu", "ro", "bg", "hr", "si", "sk", "lt", "lv", "ee", "il", "ae", "sa", "th", "vn", "id", "my", "ph", "tw", "lu", "is",
    };

    public static JudgedLink Judge(ShownLink link)
    {
        ArgumentNullException.ThrowIfNull(link);
        var host = HostOf(link.Url) ?? "";
        var shown = ShownHost(link.Text) ?? HostBefore(link.Url);
        return new JudgedLink(link.Text, link.Url, host, shown, shown is not null && (host.Length > 0 ? !SameOrganisation(shown, host) : IsNoPage(link.Url)));
    }

    /// <summary>"https://www.bank.example@collect.example/" shows a host where the name of a user stands.</summary>
    private static string? HostBefore(string url) =>
        url.Contains('@', StringComparison.Ordinal) && Uri.TryCreate(Normal(url), UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" or "ftp" && uri.UserInfo.Length is > 0 and <= 300
            ? HostIn(Uri.UnescapeDataString(uri.UserInfo))
            : null;

    /// <summary>What the address itself says in words: its query, or all of it where it goes to no host. Null when that is no sentence.</summary>
    internal static string? WordsOf(string url)
    {
        var query = url.IndexOf('?', StringComparison.Ordinal);
        var isPage = url.StartsWith("http", StringComparison.OrdinalIgnoreCase) || url.StartsWith('/');
        if (isPage && query < 0)
            return null;
        var said = isPage ? url[(query + 1)..] : url;
        if (!said.AsSpan().ContainsAny("+% "))
            return null;
        var words = Uri.UnescapeDataString(said.Replace('+', ' ').Replace('&', '\n'));
        // What was encoded twice has its blanks yet to come.
        return words.AsSpan().Count(' ') + words.AsSpan().Count('%') >= 2 ? words : null;
    }

    /// <summary>It goes to no host at all, but to what the link itself holds.</summary>
    private static bool IsNoPage(string url) => Normal(url) is var plain
        && (plain.StartsWith("data:", StringComparison.OrdinalIgnoreCase) || plain.StartsWith("javascript:", StringComparison.OrdinalIgnoreCase) || plain.StartsWith("file:", StringComparison.OrdinalIgnoreCase)
            || plain.StartsWith("blob:", StringComparison.OrdinalIgnoreCase));

    internal static string? HostOf(string url) => PlainHost(url) ??
        (Uri.TryCreate(Normal(url), UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" or "ftp" ? uri.IdnHost.ToLowerInvariant() : null);

    /// <summary>The host of an address that is written as most are, "https://www.shop.example/…", without all that addresses may have else; null for others.</summary>
    private static string? PlainHost(string url)
    {
        var start = url.StartsWith("https://", StringComparison.Ordinal) ? 8 : url.StartsWith("http://", StringComparison.Ordinal) ? 7 : 0;
        if (start == 0 || url.AsSpan().ContainsAnyExceptInRange('!', '~') || url.Contains('\\', StringComparison.Ordinal))
            return null;
        var (label, at, dots) = (start, start, 0);
        for (; at < url.Length && url[at] != '/'; at++)
        {
            var c = url[at];
            if (c == '.')
            {
                if (at == label)
                    return null;
                label = at + 1;
                dots++;
            }
            else if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && (c != '-' || at == label || !char.IsAsciiLetterOrDigit(url[at - 1]) || at + 1 == url.Length || url[at + 1] is '.' or '/'))
            {
                return null;
            }
        }
        // What ends in a number may be an address of four.
        return dots > 0 && at - start <= LongestPlainHost && label < at && char.IsAsciiLetter(url[label]) ? url[start..at] : null;
    }

    /// <summary>As browsers read it (URL Standard §4.4): without line ends, with slashes for backslashes, however many of them.</summary>
    private static string Normal(string url)
    {
        if (!url.AsSpan().ContainsAny("\t\r\n\\") && (url.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || url.StartsWith("http://", StringComparison.OrdinalIgnoreCase)))
            return url;
        var plain = string.Concat(url.Where(static c => c > ' ')).Replace('\\', '/');
        if (plain.StartsWith("//", StringComparison.Ordinal))
            return "https://" + plain.TrimStart('/');
        foreach (var scheme in (string[])["https:", "http:"])
        {
            if (plain.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
                return scheme + "//" + plain[scheme.Length..].TrimStart('/');
        }
        return plain;
    }

    /// <summary>The text is an address of a page, or looks like one: "www.bank.example/login"; of several words the one that says so.</summary>
    private static string? ShownHost(string text)
    {
        var shown = InvisibleText.Remove(text, out _).Trim();
        if (shown.Length is < 4 or > 300)
            return null;
        if (!shown.AsSpan().ContainsAny(" \n\t\r"))
            return HostIn(shown);
        if (!shown.Contains("://", StringComparison.Ordinal) && !shown.Contains("www.", StringComparison.OrdinalIgnoreCase))
            return null;
        foreach (var word in shown.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (word.Contains("://", StringComparison.Ordinal) || word.StartsWith("www.", StringComparison.OrdinalIgnoreCase))
                return HostIn(word.Trim('(', ')', '<', '>', '[', ']', '"', '\'', ',', '.', ':', ';'));
        }
        return null;
    }

    private static string? HostIn(string shown)
    {
        if (!shown.AsSpan().ContainsAny('.', ':'))
            return null;
        if (shown.Contains("://", StringComparison.Ordinal))
            return HostOf(shown);
        var end = shown.AsSpan().IndexOfAny('/', '?', '#');
        var name = (end < 0 ? shown : shown[..end]).TrimEnd('.', ',');
        if (name.Contains('@', StringComparison.Ordinal) || !name.Contains('.', StringComparison.Ordinal))
            return null;
        var last = name[(name.LastIndexOf('.') + 1)..];
        // "report.pdf" and "e.g." are no hosts.
        var isHost = name.StartsWith("www.", StringComparison.OrdinalIgnoreCase) || end > 0 || Endings.Contains(last);
        return isHost && last.Length >= 2 && last.All(char.IsLetter) ? HostOf("http://" + name) : null;
    }

    private static bool SameOrganisation(string one, string other) => Registered(one) == Registered(other);

    private static string Registered(string host) => PublicSuffixList.Bundled.OrganizationalDomain(host) ?? host;
}
