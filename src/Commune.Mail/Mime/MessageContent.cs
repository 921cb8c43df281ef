using System.Text;
using Commune.Mail.Text;

namespace Commune.Mail.Mime;

/// <summary>A message as a reader sees it: one text, perhaps one HTML body, and files.</summary>
/// <param name="Text">The body as plain text, from the HTML where there is nothing better; "" when there is no body.</param>
/// <param name="Html">The HTML body as sent (not sanitised); null without one.</param>
public sealed record MessageContent(string Text, string? Html, IReadOnlyList<AttachmentPart> Attachments)
{
    public static MessageContent From(MimeMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var collector = new ContentCollector();
        var segments = collector.Collect(message.Root);
        return new MessageContent(JoinText(segments), JoinHtml(segments), collector.Attachments)
        {
            PlainGiven = segments.Exists(segment => !string.IsNullOrWhiteSpace(segment.Text)),
        };
    }

    /// <summary>What this mail adds: without quoted history and signature (<see cref="Text.ReplyText"/>); never empty when the mail has text.</summary>
    public string ReplyText => Reply.Reply;

    /// <summary>The message taken apart, from its plain form where it has one, else from its HTML.</summary>
    public ReplyParts Reply => field ??= Html is null || PlainGiven == true ? Commune.Mail.Text.ReplyText.Of(Text) : Commune.Mail.Text.ReplyText.OfHtml(Html, Text);

    /// <summary>Whether <see cref="Text"/> is what the sender wrote as plain text; null for a message that comes from a store.</summary>
    public bool? PlainGiven { get; init; }

    private static string JoinText(List<ContentSegment> segments)
    {
        if (segments.Count == 1)
            return segments[0].PlainText;
        var text = new StringBuilder();
        HashSet<string>? given = null;
        foreach (var segment in segments)
        {
            var plain = segment.PlainText;
            if (plain.Length == 0)
                continue;
            // Broken mailers put the plain and the HTML form side by side without saying that they are alternatives.
            if (segment.Text is null && (given ??= GivenTexts(segments)).Contains(Squeeze(plain)))
                continue;
            if (text.Length > 0)
                text.Append("\n\n");
            text.Append(plain);
        }
        return text.ToString();
    }

    private static HashSet<string> GivenTexts(List<ContentSegment> segments) =>
        segments.Where(segment => segment.Text is not null).Select(segment => Squeeze(segment.Text!)).ToHashSet(StringComparer.Ordinal);

    private static string Squeeze(string text) =>
        string.Concat(text.Where(char.IsLetterOrDigit));

    private static string? JoinHtml(List<ContentSegment> segments)
    {
        var bodies = segments.Where(segment => segment.Html is not null).Select(segment => segment.Html!).ToList();
        return bodies.Count switch
        {
            0 => null,
            1 => bodies[0],
            _ => string.Join('\n', bodies),
        };
    }
}

/// <param name="Path">The part number (<see cref="MimePart.Path"/>).</param>
/// <param name="FileName">Its own name, or one made up: "attachment-2.png".</param>
/// <param name="Size">Decoded bytes.</param>
/// <param name="ContentId">Without brackets.</param>
/// <param name="Inline">Shown inside the body: disposition inline, or an image the HTML can refer to.</param>
public sealed record AttachmentPart(string Path, string FileName, string MediaType, long Size, string? ContentId, bool Inline)
{
    public required MimePart Part { get; init; }
}

/// <summary>One piece of the body, in the forms the sender gave it.</summary>
internal sealed record ContentSegment(string? Text, string? Html)
{
    /// <summary>The plain form; made from the HTML when there is none, or only white space.</summary>
    public string PlainText => field ??= (string.IsNullOrWhiteSpace(Text) && Html is not null ? HtmlText.ToText(Html) : Text ?? "").TrimEnd();
}
