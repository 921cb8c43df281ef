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
    private const int MostLinks = 1000;
    private const int LongestLinkText = 300;
    private const int LongestUrl = 2000;
    private const int LongestPiece = 100_000;
    private const int MostElements = 200;
    private const int LeastWords = 4;

    /// <summary>All text, hidden text and titles included, character references decoded; a line for each block.</summary>
    public required string Text { get; init; }

    /// <summary>The text of comments, those of style sheets and whole scripts, one a line; conditional comments for mail programs among them.</summary>
    public required string Comments { get; init; }

    /// <summary>The words of alt, title and aria-label and of other attributes that hold words, one a line.</summary>
    public required string Labels { get; init; }

    /// <summary>Elements that show their text in another order than it has: "bdo" and "unicode-bidi: bidi-override".</summary>
    public required int Turned { get; init; }

    /// <summary>At most 1000.</summary>
    public required IReadOnlyList<ShownLink> Links { get; init; }

    /// <summary>Addresses of pictures on other hosts, at most 1000.</summary>
    public required IReadOnlyList<string> Images { get; init; }

    /// <summary>Names of elements that HTML does not know, lower case, at most 200.</summary>
    public required IReadOnlyList<string> UnknownElements { get; init; }

    /// <param name="html">Beyond <see cref="HtmlText.LongestHtml"/> it is not read.</param>
    public static HtmlSurvey Of(string html)
    {
        ArgumentNullException.ThrowIfNull(html);
        return Of(html, null);
    }

    /// <summary>The same, and in the same pass what <see cref="HtmlText.HiddenText"/> gives.</summary>
    public static HtmlSurvey Of(string html, out string hidden)
    {
        ArgumentNullException.ThrowIfNull(html);
        if (html.Length > HtmlText.LongestHtml)
        {
            hidden = HtmlText.HiddenText(html);
            return Of(html, null);
        }
        using var reader = HtmlText.HiddenReader(html);
        var survey = Of(html, reader);
        hidden = reader.Finish();
        return survey;
    }

    private static HtmlSurvey Of(string html, HtmlTextReader? hidden)
    {
        if (html.Length > HtmlText.LongestHtml)
            html = html[..HtmlText.LongestHtml];
        using var survey = new Reader(html.Length / 2);
        survey.Read(html, hidden);
        return new HtmlSurvey
        {
            Text = survey.Text.ToString(),
            Comments = survey.Comments.ToString(),
            Labels = survey.Labels.ToString(),
            Turned = survey.Turned,
            Links = survey.Links,
            Images = survey.Images,
            UnknownElements = survey.Unknown,
        };
    }

    private sealed class Reader(int expected) : IDisposable
    {
        private string? _url;
        private string? _base;
        private int _linkStart;

        public GrowingText Text { get; } = new(expected);
        public StringBuilder Comments { get; } = new();
        public StringBuilder Labels { get; } = new();
        public int Turned { get; private set; }
        public List<ShownLink> Links { get; } = [];
        public List<string> Images { get; } = [];
        public List<string> Unknown { get; } = [];

        public void Dispose() => Text.Dispose();

        public void Read(string html, HtmlTextReader? hidden)
        {
            var tokens = new HtmlTokens(html);
            while (true)
            {
                var kind = tokens.Next();
                hidden?.Take(kind, tokens);
                switch (kind)
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
                    case HtmlTokenKind.Comment:
                        Comment(tokens.Text);
                        break;
                    case HtmlTokenKind.Close:
                        if (!tokens.Raw.IsEmpty)
                            Raw(tokens.Name, tokens.Raw);
                        if (tokens.Name == "a")
                            EndLink();
                        if (tokens.Name == "p" || HtmlElements.IsBlock(tokens.Name))
                            Text.Append("\n\n");
                        break;
                }
            }
        }

        private void Comment(ReadOnlySpan<char> text)
        {
            text = text.Trim();
            if (!text.IsEmpty)
                Comments.Append(text[..Math.Min(text.Length, LongestPiece)]).Append('\n');
        }

        /// <summary>What stands in a title, a script and their like; of a style sheet its comments only.</summary>
        private void Raw(string name, ReadOnlySpan<char> text)
        {
            if (name is "script")
            {
                Comment(text);
            }
            else if (name is not "style")
            {
                Text.Append('\n');
                Append(text);
                Text.Append('\n');
            }
            else
            {
                while (text.IndexOf("/*") is >= 0 and var open)
                {
                    text = text[(open + 2)..];
                    var close = text.IndexOf("*/");
                    Comment(close < 0 ? text : text[..close]);
                    text = close < 0 ? default : text[(close + 2)..];
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
            if (name is "p" or "br" || HtmlElements.IsBlock(name))
                Text.Append('\n');
            else if (name is "td" or "th")
                Text.Append(' ');
            else if (name != "a" && !HtmlNames.IsKnown(name) && Unknown.Count < MostElements && !Unknown.Contains(name))
                Unknown.Add(name);
            if (name == "bdo")
                Turned++;
            if (attributes.IsEmpty)
                return;
            var words = 0;
            foreach (var attribute in attributes)
            {
                if (attribute.Value.IsEmpty)
                {
                    words++;
                    continue;
                }
                if (attribute.Name.Equals("style", StringComparison.OrdinalIgnoreCase))
                    Turned += attribute.Value.Contains("bidi-override", StringComparison.OrdinalIgnoreCase) ? 1 : 0;
                else if (attribute.Name.Length is 3 or 5 or 10 && IsLabel(attribute.Name))
                    Label(attribute.Value);
                else if (name == "a" && attribute.Name.Equals("href", StringComparison.OrdinalIgnoreCase))
                    BeginLink(attribute.Value);
                else if (name == "base" && _base is null && attribute.Name.Equals("href", StringComparison.OrdinalIgnoreCase))
                    _base = HtmlCharacters.Decode(attribute.Value).Trim();
                else if (name == "img" && attribute.Name.Equals("src", StringComparison.OrdinalIgnoreCase) && Images.Count < MostLinks
                    && attribute.Value.StartsWith("http", StringComparison.OrdinalIgnoreCase) && attribute.Value.Length <= LongestUrl)
                    Images.Add(HtmlCharacters.Decode(attribute.Value));
                else if (!attribute.Name.Equals("class", StringComparison.OrdinalIgnoreCase) && IsProse(attribute.Value))
                    Label(attribute.Value);
            }
            if (words >= LeastWords)
                LabelNames(name, attributes);
        }

        private void Label(ReadOnlySpan<char> value) =>
            Labels.Append(HtmlCharacters.Decode(value[..Math.Min(value.Length, LongestPiece)])).Append('\n');

        /// <summary>"&lt;x ignore all of this&gt;": a sentence that is written as attributes.</summary>
        private void LabelNames(string name, HtmlAttributes attributes)
        {
            Labels.Append(name);
            foreach (var attribute in attributes)
                Labels.Append(' ').Append(attribute.Name);
            Labels.Append('\n');
        }

        /// <summary>Words with blanks between, not the numbers and names that attributes are for.</summary>
        private static bool IsProse(ReadOnlySpan<char> value) => value.Length >= 16 && value.Count(' ') >= 2 && !value.StartsWith("http", StringComparison.OrdinalIgnoreCase);

        private static bool IsLabel(ReadOnlySpan<char> name) => name.Equals("alt", StringComparison.OrdinalIgnoreCase)
            || name.Equals("title", StringComparison.OrdinalIgnoreCase) || name.Equals("aria-label", StringComparison.OrdinalIgnoreCase);

        private void BeginLink(ReadOnlySpan<char> value)
        {
            EndLink();
            // As in lists and footers, where the link before often goes to the same place.
            _url = Links is [.., { Url: var last }] && value.SequenceEqual(last) && !value.Contains('&') ? last : HtmlCharacters.Decode(value).Trim();
            // Where links go that name no host is said once for all.
            if (_base is not null && !_url.StartsWith('#') && Uri.TryCreate(_base, UriKind.Absolute, out var from) && Uri.TryCreate(from, _url, out var whole))
                _url = whole.ToString();
            _linkStart = Text.Length;
        }

        private void EndLink()
        {
            if (_url is { Length: > 0 and <= LongestUrl } url && Links.Count < MostLinks)
            {
                var text = Text.Since(_linkStart);
                text = text[..Math.Min(text.Length, LongestLinkText)].Trim();
                Links.Add(new ShownLink(Links is [.., { Text: var last }] && text.SequenceEqual(last) ? last : text.ToString(), url));
            }
            _url = null;
        }
    }
}
