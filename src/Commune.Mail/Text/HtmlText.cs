namespace Commune.Mail.Text;

/// <summary>The text of HTML, and what the markup says about its lines.</summary>
/// <param name="HasMarked">Something of the markup marks lines; else it is the text of <see cref="HtmlText.ToText"/>.</param>
internal sealed record MarkedText(string Text, IReadOnlyList<LineMark> Marks, bool HasMarked);

/// <summary>
/// HTML to the text a person would read. It works on the tags as they come and builds no document: a document can be made to
/// grow far beyond its source (unclosed formatting elements are cloned into every later paragraph) or to nest without end,
/// tags cannot.
/// </summary>
public static class HtmlText
{
    /// <summary>UTF-16 code units of HTML that are read; more is cut.</summary>
    public const int LongestHtml = 1024 * 1024;

    /// <summary>
    /// Blocks become lines, lists "- " and "1. ", quotations "> ", table cells are separated by tabs, a link is followed by its
    /// address unless it reads the same. Scripts, styles and what is hidden are left out. Line ends are LF.
    /// </summary>
    public static string ToText(string html) => Read(html, HtmlReading.Text).Text;

    /// <summary>
    /// What <see cref="ToText"/> leaves out because no reader sees it: preheaders, text hidden by its display, visibility, opacity,
    /// size, height, place or colour, and what stands in titles, drawings and templates. "" when there is none; comments, scripts and styles are not text.
    /// </summary>
    public static string HiddenText(string html)
    {
        ArgumentNullException.ThrowIfNull(html);
        html = Cut(html);
        return Convert(html, HtmlReading.Hidden, showHidden: false, HtmlSheet.Of(html)).Text;
    }

    /// <summary>Reads what <see cref="HiddenText"/> gives, for those who go over the tags themselves.</summary>
    internal static HtmlTextReader HiddenReader(string html) => new(HtmlReading.Hidden, showHidden: false, HtmlSheet.Of(html), 0);

    /// <summary>The text of <see cref="ToText"/>, and what the markup says about its lines, in order.</summary>
    internal static MarkedText ToMarkedText(string html) => Read(html, HtmlReading.MarkedText);

    internal static MarkedText Read(string html, HtmlReading reading)
    {
        ArgumentNullException.ThrowIfNull(html);
        html = Cut(html);
        // A message is not hidden as a whole.
        var sheet = HtmlSheet.Of(html);
        return Convert(html, reading, showHidden: false, sheet) is { Text.Length: > 0 } read ? read : Convert(html, reading, showHidden: true, sheet);
    }

    private static string Cut(string html) =>
        html.Length <= LongestHtml ? html : html[..(LongestHtml - (char.IsHighSurrogate(html[LongestHtml - 1]) ? 1 : 0))];

    private static MarkedText Convert(string html, HtmlReading reading, bool showHidden, HtmlSheet? sheet)
    {
        var tokens = new HtmlTokens(html);
        using var reader = new HtmlTextReader(reading, showHidden, sheet, html.Length / 2);
        while (tokens.Next() is not HtmlTokenKind.End and var kind)
            reader.Take(kind, tokens);
        var marks = reader.MarkedLines;
        return new MarkedText(reader.Finish(), marks, reader.HasMarked);
    }
}
