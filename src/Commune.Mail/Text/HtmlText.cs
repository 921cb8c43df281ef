using AngleSharp.Html;
using AngleSharp.Html.Parser;
using AngleSharp.Html.Parser.Tokens;
using AngleSharp.Text;

namespace Commune.Mail.Text;

/// <summary>
/// HTML to the text a person would read. It works on AngleSharp's tokens and builds no document: a document can be made to
/// grow far beyond its source (unclosed formatting elements are cloned into every later paragraph) or to nest without end,
/// tokens cannot.
/// </summary>
public static class HtmlText
{
    /// <summary>UTF-16 code units of HTML that are read; more is cut.</summary>
    public const int LongestHtml = 1024 * 1024;

    /// <summary>
    /// Blocks become lines, lists "- " and "1. ", quotations "> ", table cells are separated by tabs, a link is followed by its
    /// address unless it reads the same. Scripts, styles and what is hidden are left out. Line ends are LF.
    /// </summary>
    public static string ToText(string html)
    {
        ArgumentNullException.ThrowIfNull(html);
        if (html.Length > LongestHtml)
            html = html[..(LongestHtml - (char.IsHighSurrogate(html[LongestHtml - 1]) ? 1 : 0))];
        // A hidden element that is never closed must not swallow the message, and a message is not hidden as a whole.
        return Convert(html, showHidden: false) is { Length: > 0 } text ? text : Convert(html, showHidden: true)!;
    }

    /// <summary>The text of <see cref="ToText"/>, and what the markup says about its lines, in order.</summary>
    internal static string ToMarkedText(string html, out IReadOnlyList<LineMark> marks)
    {
        marks = [];
        return ToText(html);
    }

    /// <summary>The text; null when it was cut short by a hidden element without an end.</summary>
    private static string? Convert(string html, bool showHidden)
    {
        using var source = new TextSource(html);
        var tokenizer = new HtmlTokenizer(source, HtmlEntityProvider.Resolver)
        {
            SkipComments = true,
            // Only what is read below is kept, so a tag with 100 000 attributes costs nothing.
            ShouldEmitAttribute = static (ref _, name) => IsRead(name.Span),
        };
        var reader = new HtmlTextReader(showHidden);
        while (true)
        {
            var token = tokenizer.Get();
            switch (token.Type)
            {
                case HtmlTokenType.EndOfFile:
                    return reader.IsHiding && !showHidden ? null : reader.Finish();
                case HtmlTokenType.Character:
                    reader.Text(token.Data);
                    break;
                case HtmlTokenType.StartTag:
                    reader.Open((HtmlTagToken)token);
                    tokenizer.State = StateAfter(token.Name);
                    break;
                case HtmlTokenType.EndTag:
                    reader.Close(token.Name);
                    break;
            }
        }
    }

    private static bool IsRead(ReadOnlySpan<char> attribute) =>
        attribute is "href" or "alt" or "style" or "hidden" or "start";

    /// <summary>What a tree builder tells the tokenizer: the content of these elements is not markup.</summary>
    private static HtmlParseMode StateAfter(string name) => name switch
    {
        "script" => HtmlParseMode.Script,
        "style" or "xmp" or "iframe" or "noembed" or "noframes" => HtmlParseMode.Rawtext,
        "title" or "textarea" => HtmlParseMode.RCData,
        "plaintext" => HtmlParseMode.Plaintext,
        _ => HtmlParseMode.PCData,
    };
}
