using Commune.Mail.PublicSuffix;
using Commune.Mail.Text;

namespace Commune.Ai.Screening;

/// <summary>A link of a mail, with where it really goes.</summary>
/// <param name="Host">Lower case; "" when the address has none.</param>
/// <param name="ShownHost">The host that its text names, or null.</param>
/// <param name="Deceptive">The text names a host of another organisation.</param>
public sealed record JudgedLink(string Text, string Url, string Host, string? ShownHost, bool Deceptive);

/// <summary>Compares what links show with where they go.</summary>
public static class LinkScreen
{
    public static JudgedLink Judge(ShownLink link)
    {
        ArgumentNullException.ThrowIfNull(link);
        var host = HostOf(link.Url) ?? "";
        var shown = ShownHost(link.Text);
        return new JudgedLink(link.Text, link.Url, host, shown, shown is not null && host.Length > 0 && !SameOrganisation(shown, host));
    }

    internal static string? HostOf(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" or "ftp" ? uri.IdnHost.ToLowerInvariant() : null;

    /// <summary>The text is an address of a page, or looks like one: "www.bank.example/login".</summary>
    private static string? ShownHost(string text)
    {
        var shown = text.Trim();
        if (shown.Length is < 4 or > 300 || shown.AsSpan().ContainsAny(" \n\t"))
            return null;
        if (shown.Contains("://", StringComparison.Ordinal))
            return HostOf(shown);
        var end = shown.AsSpan().IndexOfAny('/', '?', '#');
        var name = (end < 0 ? shown : shown[..end]).TrimEnd('.', ',');
        if (name.Contains('@', StringComparison.Ordinal) || !name.Contains('.', StringComparison.Ordinal))
            return null;
        var last = name[(name.LastIndexOf('.') + 1)..];
        // "report.pdf" and "e.g." are no hosts.
        var isHost = name.StartsWith("www.", StringComparison.OrdinalIgnoreCase) || end > 0 || last is "com" or "org" or "net" or "de" or "fr" or "uk" or "io" or "eu" or "example";
        return isHost && last.Length >= 2 && last.All(char.IsLetter) ? HostOf("http://" + name) : null;
    }

    private static bool SameOrganisation(string one, string other) => Registered(one) == Registered(other);

    private static string Registered(string host) => PublicSuffixList.Bundled.OrganizationalDomain(host) ?? host;
}
