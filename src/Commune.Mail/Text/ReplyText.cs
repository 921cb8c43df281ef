using System.Buffers;

namespace Commune.Mail.Text;

/// <summary>A message taken apart into what its author wrote now and what was there before.</summary>
/// <param name="Reply">What this mail adds, never empty when the mail has text. Answers between quotations keep the quotations they answer.</param>
/// <param name="Quoted">Earlier mail, with the line that announces it; null without any.</param>
/// <param name="Signature">The signature, the line of a phone, the footer of a list or a disclaimer; null without any.</param>
/// <param name="IsForward">Whether the quoted text is a forwarded message: then <paramref name="Reply"/> is the note above it, or all of it without a note.</param>
public sealed record ReplyParts(string Reply, string? Quoted, string? Signature, bool IsForward);

/// <summary>
/// Separates the newest reply from quoted history and from the signature, as mail programs write them in many languages.
/// There is no standard for it (RFC 3676 §4.3 and §4.5 name only "-- " and "&gt;"), so all of this recognises habits; in doubt text stays.
/// Time is linear in the length of the text.
/// </summary>
public static class ReplyText
{
    /// <summary>UTF-16 code units that are read; more is cut.</summary>
    public const int LongestText = 1024 * 1024;

    private static readonly SearchValues<char> OtherLineEnds = SearchValues.Create("\r\f\u0085\u2028\u2029");

    public static ReplyParts Of(string plainText)
    {
        ArgumentNullException.ThrowIfNull(plainText);
        return Separate(WithLineFeeds(Cut(plainText)), null);
    }

    public static ReplyParts OfHtml(string html)
    {
        ArgumentNullException.ThrowIfNull(html);
        var marked = HtmlText.ToMarkedText(html);
        return Separate(Cut(marked.Text), marked.Marks);
    }

    /// <param name="text">The text of the message: where it is not that of the HTML, its sender wrote it, and it is taken instead.</param>
    internal static ReplyParts OfHtml(MarkedText marked, string text) =>
        marked.Text.AsSpan().TrimEnd().SequenceEqual(text.AsSpan().TrimEnd()) ? Separate(Cut(marked.Text), marked.Marks) : Of(text);

    /// <summary>What was decoded by us has no other line ends: to look is far cheaper than to write every line anew.</summary>
    private static string WithLineFeeds(string text) => text.AsSpan().ContainsAny(OtherLineEnds) ? text.ReplaceLineEndings("\n") : text;

    private static string Cut(string text) =>
        text.Length <= LongestText ? text : text[..(LongestText - (char.IsHighSurrogate(text[LongestText - 1]) ? 1 : 0))];

    private static ReplyParts Separate(string text, IReadOnlyList<LineMark>? marks)
    {
        if (string.IsNullOrWhiteSpace(text))
            return new ReplyParts("", null, null, false);
        var lines = new MailLines(text, marks);
        var start = QuoteStart.Find(lines);
        var parts = start.Line < 0 ? WithoutQuote(lines)
            : start.IsForward ? TopPosted(lines, start) with { IsForward = true }
            : start.TakesRest ? TopPosted(lines, start)
            : Arranged(lines, start);
        return parts.Reply.Length > 0 ? parts : new ReplyParts(text.Trim(), null, null, start.IsForward);
    }

    private static ReplyParts WithoutQuote(MailLines lines)
    {
        var signature = SignatureStart.Find(lines, 0, lines.Count);
        return new ReplyParts(lines.Join(0, signature), null, NullIfEmpty(lines.Join(signature, lines.Count)), false);
    }

    private static ReplyParts TopPosted(MailLines lines, QuoteStart start)
    {
        var signature = SignatureStart.Find(lines, 0, start.Line);
        return new ReplyParts(
            lines.Join(0, signature),
            NullIfEmpty(lines.Join(start.Line, lines.Count)),
            NullIfEmpty(lines.Join(signature, start.Line)),
            false);
    }

    /// <summary>Quotations whose lines are marked: the answer may stand above, below or between.</summary>
    private static ReplyParts Arranged(MailLines lines, QuoteStart start)
    {
        var lastQuoted = lines.LastQuoted();
        var below = lastQuoted + 1;
        var belowEnd = SignatureStart.Find(lines, below, lines.Count, mayTakeAll: true);
        // The last line of its author's own text: what follows it is a quotation nobody answers, or a signature.
        var end = lines.HasOwnText(below, belowEnd) ? belowEnd : lines.EndOfOwnText(start.AfterAttribution, lastQuoted);
        if (end < 0)
        {
            var above = TopPosted(lines, start);
            var footer = lines.Join(belowEnd, lines.Count);
            return footer.Length == 0 || above.Reply.Length == 0
                ? above
                : above with { Quoted = NullIfEmpty(lines.Join(start.Line, belowEnd)), Signature = Both(above.Signature, footer) };
        }

        var signature = end == belowEnd ? NullIfEmpty(lines.Join(belowEnd, lines.Count)) : null;
        var firstRunEnd = lines.EndOfQuote(start.AfterAttribution);
        var greeting = lines.Join(0, start.Line);
        if (firstRunEnd > lastQuoted && IsGreeting(greeting))
        {
            // One quotation and the answer below it.
            var answer = lines.Join(firstRunEnd, end);
            return new ReplyParts(greeting.Length == 0 ? answer : greeting + "\n\n" + answer,
                NullIfEmpty(lines.Join(start.Line, firstRunEnd)), signature, false);
        }
        var between = lines.Join(start.AfterAttribution, end);
        var rest = end == belowEnd ? null : NullIfEmpty(lines.Join(end, lines.Count));
        if (rest is not null)
        {
            // What stands below the last quotation was no text: a signature or nothing.
            signature = NullIfEmpty(lines.Join(belowEnd, lines.Count));
            if (signature is not null)
                rest = NullIfEmpty(lines.Join(end, belowEnd));
        }
        return new ReplyParts(greeting.Length == 0 ? between : greeting + "\n\n" + between, rest, signature, false);
    }

    private static bool IsGreeting(string above) =>
        above.Length == 0 || (above.Length <= 60 && !above.Contains('\n', StringComparison.Ordinal) && (above[^1] is ',' or '!' or '，' or '、' or ':'));

    private static string Both(string? first, string second) => first is null ? second : first + "\n\n" + second;

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
