using System.Text;
using Commune.Mail.Text;

namespace Commune.Mail.Mime;

/// <summary>A message as a reader sees it: one text, perhaps one HTML body, and files.</summary>
public sealed record MessageContent
{
    private readonly IReadOnlyList<ContentSegment> segments = [];

    /// <param name="text">See <see cref="Text"/>.</param>
    /// <param name="html">See <see cref="Html"/>.</param>
    /// <param name="attachments">Its files, in the order of its parts.</param>
    public MessageContent(string text, string? html, IReadOnlyList<AttachmentPart> attachments)
    {
        Text = text;
        Html = html;
        HasHtml = html is not null;
        Attachments = attachments;
    }

    private MessageContent(IReadOnlyList<ContentSegment> segments, IReadOnlyList<AttachmentPart> attachments)
    {
        this.segments = segments;
        Text = JoinText(segments);
        HasHtml = segments.Any(static segment => segment.HasHtml);
        Attachments = attachments;
        PlainGiven = segments.Any(static segment => !string.IsNullOrWhiteSpace(segment.Text));
    }

    /// <summary>The body as plain text, from the HTML where there is nothing better; "" when there is no body.</summary>
    public string Text { get; }

    /// <summary>Whether there is an HTML body: told without decoding it.</summary>
    public bool HasHtml { get; }

    /// <summary>The HTML body as sent (not sanitised); null without one. Decoded when it is first asked for.</summary>
    public string? Html => field ??= JoinHtml(segments);

    public IReadOnlyList<AttachmentPart> Attachments { get; init; }

    public static MessageContent From(MimeMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var collector = new ContentCollector();
        return new MessageContent(collector.Collect(message.Root), collector.Attachments);
    }

    /// <summary>What this mail adds: without quoted history and signature (<see cref="Text.ReplyText"/>); never empty when the mail has text.</summary>
    public string ReplyText => Reply.Reply;

    /// <summary>The message taken apart, from its plain form where it has one, else from its HTML.</summary>
    public ReplyParts Reply => field ??= PlainGiven == true || Html is null ? Commune.Mail.Text.ReplyText.Of(Text) : Commune.Mail.Text.ReplyText.OfHtml(MarkedHtml(Html), Text);

    /// <summary>Whether <see cref="Text"/> is what the sender wrote as plain text; null for a message that comes from a store.</summary>
    public bool? PlainGiven { get; }

    /// <summary>Of a single body that was read for <see cref="Text"/>, what was read then.</summary>
    private MarkedText MarkedHtml(string html) =>
        segments.Count(static segment => segment.HasHtml) == 1 ? segments.First(static segment => segment.HasHtml).Marked : HtmlText.ToMarkedText(html);

    private static string JoinText(IReadOnlyList<ContentSegment> segments)
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

    private static HashSet<string> GivenTexts(IReadOnlyList<ContentSegment> segments) =>
        segments.Where(segment => segment.Text is not null).Select(segment => Squeeze(segment.Text!)).ToHashSet(StringComparer.Ordinal);

    private static string Squeeze(string text) =>
        string.Concat(text.Where(char.IsLetterOrDigit));

    private static string? JoinHtml(IReadOnlyList<ContentSegment> segments)
    {
        var bodies = segments.Where(static segment => segment.HasHtml).Select(static segment => segment.Html).ToList();
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
/// <param name="html">The parts that make up its HTML form.</param>
internal sealed class ContentSegment(string? text, IReadOnlyList<MimePart> html)
{
    public string? Text => text;

    public IReadOnlyList<MimePart> HtmlParts => html;

    public bool HasHtml => html.Count > 0;

    /// <summary>Its HTML form, decoded when somebody asks; "" without one.</summary>
    public string Html => field ??= html.Count == 1 ? html[0].DecodeText() : string.Join("\n\n", html.Select(static part => part.DecodeText()));

    /// <summary>The text of the HTML form, with what its markup says about the lines.</summary>
    public MarkedText Marked => field ??= HtmlText.ToMarkedText(Html);

    /// <summary>The plain form; made from the HTML when there is none, or only white space.</summary>
    public string PlainText => field ??= (string.IsNullOrWhiteSpace(text) && HasHtml ? Marked.HasMarked ? HtmlText.ToText(Html) : Marked.Text : text ?? "").TrimEnd();
}
