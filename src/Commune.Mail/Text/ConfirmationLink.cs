namespace Commune.Mail.Text;

/// <summary>A link that a mail gives to whoever can read it, to confirm an address, to sign in or to reset a password.</summary>
/// <param name="Host">Where it goes, in lower-case A-labels: what a caller compares before following it.</param>
/// <param name="Text">What the link is called in the mail; empty for a bare address.</param>
/// <param name="Purpose"><c>confirm</c>, <c>sign_in</c> or <c>reset</c>.</param>
/// <param name="Source"><c>html</c> or <c>text</c>.</param>
public sealed record ConfirmationLink(string Url, string Host, string Text, string Purpose, string Source)
{
    private const int LongestUrl = 4000;
    private const int LongestText = 200;
    private const int MostLinks = 300;
    private const int LongestLine = 1000;
    private const int Threshold = 50;

    /// <summary>The link that is most likely the one to follow; null when none is likely enough.</summary>
    public static ConfirmationLink? Find(string text, string? html)
    {
        ArgumentNullException.ThrowIfNull(text);
        ConfirmationLink? best = null;
        var most = Threshold - 1;
        foreach (var (url, name, around, source) in (html is null ? [] : Anchors(html)).Concat(Addresses(text)).Take(MostLinks))
        {
            if (url.Length > LongestUrl || !Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.IdnHost.Length == 0)
                continue;
            var score = Score(uri, name, around);
            if (score <= most)
                continue;
            most = score;
            best = new ConfirmationLink(url, uri.IdnHost.ToLowerInvariant(), name, PurposeOf(uri, name + " " + around), source);
        }
        return best;
    }

    private static int Score(Uri uri, string name, string around)
    {
        var rest = uri.PathAndQuery + uri.Fragment;
        var shown = name.Length > 0 ? name : around;
        if (LinkPhrases.Other.IsMatch(shown) || LinkPhrases.Other.IsMatch(rest))
            return 0;
        var score = LinkPhrases.Address.IsMatch(rest) ? 50 : LinkPhrases.LikelyAddress.IsMatch(rest) ? 25 : 0;
        score += LinkPhrases.Text.IsMatch(shown) ? (name.Length > 0 ? 60 : 35) : 0;
        score += LinkPhrases.LongToken.IsMatch(rest) ? 15 : 0;
        return rest.Length <= 1 ? score - 40 : score;
    }

    private static string PurposeOf(Uri uri, string words)
    {
        var all = uri.PathAndQuery + " " + words;
        return LinkPhrases.Reset.IsMatch(all) ? "reset" : LinkPhrases.SignIn.IsMatch(all) ? "sign_in" : "confirm";
    }

    private static List<(string Url, string Name, string Around, string Source)> Anchors(string html)
    {
        var links = new List<(string, string, string, string)>();
        var tokens = new HtmlTokens(html.Length > HtmlText.LongestHtml ? html.AsSpan(0, HtmlText.LongestHtml) : html);
        string? open = null;
        var name = "";
        while (links.Count < MostLinks)
        {
            switch (tokens.Next())
            {
                case HtmlTokenKind.End:
                    return links;
                case HtmlTokenKind.Text when open is not null && name.Length < LongestText:
                    name += HtmlCharacters.Decode(tokens.Text.Length > LongestText ? tokens.Text[..LongestText] : tokens.Text);
                    break;
                case HtmlTokenKind.Open when tokens.Name == "img" && open is not null:
                    name += " " + tokens.Attributes.Find("alt");
                    break;
                case HtmlTokenKind.Open when tokens.Name == "a":
                    (open, name) = (tokens.Attributes.Find("href")?.Trim(), "");
                    break;
                case HtmlTokenKind.Close when tokens.Name == "a" && open is not null:
                    links.Add((open, Named(name), "", "html"));
                    open = null;
                    break;
            }
        }
        return links;
    }

    /// <summary>On one line; nothing when the link is called by its own address.</summary>
    private static string Named(string text)
    {
        var name = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        name = name.Length > LongestText ? name[..LongestText] : name;
        return LinkPhrases.Url.IsMatch(name) ? "" : name;
    }

    /// <summary>Bare addresses, with their line and the one before.</summary>
    private static List<(string Url, string Name, string Around, string Source)> Addresses(string text)
    {
        var links = new List<(string, string, string, string)>();
        var before = "";
        foreach (var row in text.AsSpan().EnumerateLines())
        {
            if (row.IsWhiteSpace())
                continue;
            var line = (row.Length > LongestUrl + LongestLine ? row[..(LongestUrl + LongestLine)] : row).ToString();
            var words = LinkPhrases.Url.Replace(line, " ");
            words = words.Length > LongestLine ? words[..LongestLine] : words;
            foreach (var url in LinkPhrases.Url.EnumerateMatches(line))
            {
                var address = line.AsSpan(url.Index, url.Length).TrimEnd(".,;:!?*_。、，").ToString();
                links.Add((address, "", string.IsNullOrWhiteSpace(words) ? before : words, "text"));
                if (links.Count == MostLinks)
                    return links;
            }
            if (!string.IsNullOrWhiteSpace(words))
                before = words;
        }
        return links;
    }
}
