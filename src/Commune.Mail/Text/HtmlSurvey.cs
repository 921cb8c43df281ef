using System.Text;

namespace Commune.Mail.Text;

/// <summary>A link: what a reader sees, and where it goes.</summary>
/// <param name="Text">"" for a picture.</param>
public sealed record ShownLink(string Text, string Url);

/// <summary>
/// What stands in HTML, shown or not: one pass over the tags that judges nothing by its looks. For those who must not overlook anything;
/// <see cref="HtmlText"/> is for those who read.
/// </summary>
public sealed record HtmlSurvey
{
    private const int MostLinks = 200;
    private const int LongestLinkText = 300;
    private const int LongestUrl = 2000;
    private const int LongestPiece = 20_000;
    private const int MostElements = 20;

    /// <summary>All text, hidden text included, character references decoded; a line for each block.</summary>
    public required string Text { get; init; }

    /// <summary>The text of comments, one a line; conditional comments for mail programs among them.</summary>
    public required string Comments { get; init; }

    /// <summary>The words of alt, title and aria-label, one a line.</summary>
    public required string Labels { get; init; }

    /// <summary>At most 200.</summary>
    public required IReadOnlyList<ShownLink> Links { get; init; }

    /// <summary>Addresses of pictures on other hosts, at most 200.</summary>
    public required IReadOnlyList<string> Images { get; init; }

    /// <summary>Names of elements that HTML does not know, lower case, at most 20.</summary>
    public required IReadOnlyList<string> UnknownElements { get; init; }

    /// <param name="html">Beyond <see cref="HtmlText.LongestHtml"/> it is not read.</param>
    public static HtmlSurvey Of(string html)
    {
        ArgumentNullException.ThrowIfNull(html);
        if (html.Length > HtmlText.LongestHtml)
            html = html[..HtmlText.LongestHtml];
        var survey = new Reader(html.Length / 3);
        survey.Read(html);
        return new HtmlSurvey
        {
            Text = survey.Text.ToString(),
            Comments = CommentsOf(html),
            Labels = survey.Labels.ToString(),
            Links = survey.Links,
            Images = survey.Images,
            UnknownElements = survey.Unknown,
        };
    }

    private static string CommentsOf(string html)
    {
        var at = html.IndexOf("<!--", StringComparison.Ordinal);
        if (at < 0)
            return "";
        var comments = new StringBuilder();
        while (at >= 0)
        {
            var end = html.IndexOf("-->", at + 4, StringComparison.Ordinal);
            var text = html.AsSpan((at + 4)..(end < 0 ? html.Length : end));
            comments.Append(text[..Math.Min(text.Length, LongestPiece)].Trim()).Append('\n');
            at = end < 0 ? -1 : html.IndexOf("<!--", end + 3, StringComparison.Ordinal);
        }
        return comments.ToString();
    }

    private sealed class Reader(int expected)
    {
        private string? _url;
        private int _linkStart;

        public StringBuilder Text { get; } = new(Math.Max(64, expected));
        public StringBuilder Labels { get; } = new();
        public List<ShownLink> Links { get; } = [];
        public List<string> Images { get; } = [];
        public List<string> Unknown { get; } = [];

        public void Read(string html)
        {
            var tokens = new HtmlTokens(html);
            while (true)
            {
                switch (tokens.Next())
                {
                    case HtmlTokenKind.End:
                        EndLink();
                        return;
                    case HtmlTokenKind.Text:
                        Append(tokens.Text);
                        break;
                    case HtmlTokenKind.Open:
                        Open(tokens.Name, tokens.Attributes);
                        break;
                    case HtmlTokenKind.Close:
                        if (tokens.Name == "a")
                            EndLink();
                        if (HtmlElements.IsBlock(tokens.Name) || tokens.Name == "p")
                            Text.Append("\n\n");
                        break;
                }
            }
        }

        private void Append(ReadOnlySpan<char> text)
        {
            while (true)
            {
                var next = text.IndexOf('&');
                Text.Append(next < 0 ? text : text[..next]);
                if (next < 0)
                    return;
                text = text[next..];
                var length = HtmlCharacters.Read(text, out var value);
                Text.Append(value ?? "&");
                text = text[length..];
            }
        }

        private void Open(string name, HtmlAttributes attributes)
        {
            if (HtmlElements.IsBlock(name) || name is "p" or "br" or "tr" or "li")
                Text.Append('\n');
            else if (name is "td" or "th")
                Text.Append(' ');
            else if (!HtmlTokens.IsKnown(name) && Unknown.Count < MostElements && !Unknown.Contains(name))
                Unknown.Add(name);
            if (attributes.IsEmpty)
                return;
            foreach (var attribute in attributes)
            {
                if (attribute.Value.IsEmpty)
                    continue;
                if (attribute.Name.Length is 3 or 5 or 10 && IsLabel(attribute.Name))
                    Labels.Append(HtmlCharacters.Decode(attribute.Value[..Math.Min(attribute.Value.Length, LongestPiece)])).Append('\n');
                else if (name == "a" && attribute.Name.Equals("href", StringComparison.OrdinalIgnoreCase))
                    BeginLink(HtmlCharacters.Decode(attribute.Value));
                else if (name == "img" && attribute.Name.Equals("src", StringComparison.OrdinalIgnoreCase) && Images.Count < MostLinks
                    && attribute.Value.StartsWith("http", StringComparison.OrdinalIgnoreCase) && attribute.Value.Length <= LongestUrl)
                    Images.Add(HtmlCharacters.Decode(attribute.Value));
            }
        }

        private static bool IsLabel(ReadOnlySpan<char> name) => name.Equals("alt", StringComparison.OrdinalIgnoreCase)
            || name.Equals("title", StringComparison.OrdinalIgnoreCase) || name.Equals("aria-label", StringComparison.OrdinalIgnoreCase);

        private void BeginLink(string url)
        {
            EndLink();
            _url = url.Trim();
            _linkStart = Text.Length;
        }

        private void EndLink()
        {
            if (_url is { Length: > 0 and <= LongestUrl } url && Links.Count < MostLinks)
                Links.Add(new ShownLink(Text.ToString(_linkStart, Math.Min(Text.Length - _linkStart, LongestLinkText)).Trim(), url));
            _url = null;
        }
    }
}
