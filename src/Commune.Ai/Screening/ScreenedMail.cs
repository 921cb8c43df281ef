using Commune.Mail.Mime;

namespace Commune.Ai.Screening;

/// <summary>A mail as screening looks at it: texts and facts, decoded already.</summary>
public sealed record ScreenedMail
{
    private const int MostAttachments = 100;

    public required string Subject { get; init; }

    /// <summary>The display name of From; "" without one.</summary>
    public required string SenderName { get; init; }

    /// <summary>Bare, lower case.</summary>
    public required string Sender { get; init; }

    public required string Text { get; init; }
    public required string? Html { get; init; }

    /// <summary>The text was made from the HTML: what stands in one stands in the other.</summary>
    public bool TextIsOfHtml { get; init; }
    public IReadOnlyList<string> AttachmentNames { get; init; } = [];

    /// <summary>Those of the names that hold what nobody sees, as the sender wrote them.</summary>
    public IReadOnlyList<string> DisguisedNames { get; init; } = [];
    public IReadOnlyList<string> AttachmentTypes { get; init; } = [];

    /// <summary>What the header lacks or repeats; null when the mail was not received over the network.</summary>
    public HeaderFacts? Header { get; init; }

    public static ScreenedMail Of(MimeMessage message, MessageContent content)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(content);
        var from = message.From.Count > 0 ? message.From[0] : null;
        return new ScreenedMail
        {
            Subject = message.Subject,
            SenderName = from?.DisplayName ?? "",
            Sender = from?.BareAddress ?? "",
            Text = content.Text,
            Html = content.Html,
            TextIsOfHtml = content.Html is not null && content.PlainGiven == false,
            AttachmentNames = [.. content.Attachments.Take(MostAttachments).Select(static file => file.FileName)],
            DisguisedNames = [.. content.Attachments.Take(MostAttachments).Select(static file => file.Part.GivenFileName).OfType<string>().Where(static name => InvisibleText.MayHold(name))],
            AttachmentTypes = [.. content.Attachments.Take(MostAttachments).Select(static file => file.MediaType)],
            Header = HeaderFacts.Of(message),
        };
    }
}

/// <summary>What the fields of a header tell of the program that wrote them.</summary>
/// <param name="Repeated">A field that may stand once stands several times (RFC 5322 §3.6).</param>
/// <param name="ReplyDomain">The domain of Reply-To when it is another than that of From; null otherwise.</param>
/// <param name="IsBulk">It can be unsubscribed from, or says that it is bulk mail.</param>
public sealed record HeaderFacts(bool NoDate, bool NoMessageId, bool NoFrom, bool NoTo, bool Repeated, string? ReplyDomain, bool IsBulk)
{
    private static readonly string[] Once = ["From", "Subject", "Date", "Message-ID", "To"];

    public static HeaderFacts Of(MimeMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var headers = message.Headers;
        var from = message.From.Count > 0 ? message.From[0].AsciiDomain : null;
        var reply = message.ReplyTo.Count > 0 ? message.ReplyTo[0].AsciiDomain : null;
        return new HeaderFacts(
            message.Date is null, message.MessageId is null, from is null, !headers.Contains("To") && !headers.Contains("Cc"),
            Array.Exists(Once, name => headers.CountOf(name) > 1),
            reply is not null && from is not null && !reply.Equals(from, StringComparison.OrdinalIgnoreCase) ? reply : null,
            headers.Contains("List-Unsubscribe") || headers.Contains("List-Id"));
    }
}
