using Commune.Mail.Addresses;

namespace Commune.Mail.Mime;

/// <summary>A message to be composed. The same values give the same bytes.</summary>
public sealed record OutgoingMessage
{
    public required Mailbox From { get; init; }

    /// <summary>With its angle brackets.</summary>
    public required string MessageId { get; init; }

    public required DateTimeOffset Date { get; init; }

    public IReadOnlyList<Mailbox> To { get; init; } = [];

    public IReadOnlyList<Mailbox> Cc { get; init; } = [];

    public IReadOnlyList<Mailbox> ReplyTo { get; init; } = [];

    public string Subject { get; init; } = "";

    public string? Text { get; init; }

    public string? Html { get; init; }

    /// <summary>With its angle brackets.</summary>
    public string? InReplyTo { get; init; }

    /// <summary>Each with its angle brackets, oldest first.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>
    /// Further fields. CR and LF are stripped from values; names that are invalid, or that this record or the structure of
    /// the message decides (From, Bcc, Content-Type…), are ignored.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    public IReadOnlyList<OutgoingAttachment> Attachments { get; init; } = [];

    /// <summary>What the multipart boundaries are derived from; a value nobody else can guess keeps content from imitating them.</summary>
    public required string BoundarySeed { get; init; }

    /// <summary>
    /// Whether an address can only travel with SMTPUTF8 (RFC 6531): a local part outside ASCII has no other form,
    /// nor has a domain that is no valid internationalised name.
    /// </summary>
    public bool RequiresSmtpUtf8 =>
        new[] { From }.Concat(To).Concat(Cc).Concat(ReplyTo).Any(mailbox => !System.Text.Ascii.IsValid(mailbox.LocalPart) || !System.Text.Ascii.IsValid(mailbox.AsciiDomain));
}

/// <param name="MediaType">As in Content-Type; an invalid one is sent as application/octet-stream.</param>
/// <param name="ContentId">Without brackets. When the HTML body refers to it (cid:), the part is inline and related to the body.</param>
public sealed record OutgoingAttachment(string FileName, string MediaType, ReadOnlyMemory<byte> Content, string? ContentId = null);
