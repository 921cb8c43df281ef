namespace Commune.Mail.Mime;

/// <summary>Writes messages: RFC 5322 and MIME, CRLF, ASCII unless an address needs SMTPUTF8.</summary>
public static class MimeComposer
{
    // RFC 5322 §3.6.4 asks for the whole chain; what readers need of a long one is its start and its end.
    private const int NewestReferences = 30;
    private const int LongestReferences = 7500;

    private static readonly HashSet<string> Decided = new(StringComparer.OrdinalIgnoreCase)
    {
        "From", "Sender", "To", "Cc", "Bcc", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version",
        "Return-Path", "Received", "DKIM-Signature", "Delivered-To", "Authentication-Results", "ARC-Seal", "ARC-Message-Signature",
        "ARC-Authentication-Results", "Resent-Date", "Resent-From", "Resent-Sender", "Resent-To", "Resent-Cc", "Resent-Bcc", "Resent-Message-ID",
    };

    /// <summary>The whole message. There is never a Bcc field in it: blind recipients belong to the envelope alone.</summary>
    public static byte[] Compose(OutgoingMessage message)
    {
        using var output = new PooledBuffer();
        Compose(message, output);
        return output.Written.ToArray();
    }

    /// <summary>The same, at the end of a buffer.</summary>
    public static void Compose(OutgoingMessage message, PooledBuffer output)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(output);
        var header = new HeaderWriter();
        header.Date(message.Date);
        header.Addresses("From", [message.From]);
        header.Addresses("To", message.To);
        header.Addresses("Cc", message.Cc);
        header.Addresses("Reply-To", message.ReplyTo);
        header.Unstructured("Subject", message.Subject);
        header.Tokens("Message-ID", [message.MessageId]);
        if (!string.IsNullOrWhiteSpace(message.InReplyTo))
            header.Tokens("In-Reply-To", message.InReplyTo.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        header.Tokens("References", Bounded(message.References));
        foreach (var (name, value) in message.Headers)
        {
            if (IsAllowed(name))
                header.Extra(name, value);
        }
        header.Tokens("MIME-Version", ["1.0"]);

        using var body = Body(message);
        header.WriteTo(output);
        body.WriteTo(output, message.BoundarySeed);
    }

    private static OutgoingPart Body(OutgoingMessage message)
    {
        var related = new List<OutgoingAttachment>();
        var attached = new List<OutgoingAttachment>();
        foreach (var attachment in message.Attachments)
            (IsReferredTo(attachment, message.Html) ? related : attached).Add(attachment);

        OutgoingPart? html = message.Html is null ? null : OutgoingPart.Text("html", message.Html);
        if (html is not null && related.Count > 0)
        {
            // RFC 2387 §3.1: the type parameter names the type of the root.
            html = OutgoingPart.Multipart("related", [html, .. related.Select(file => OutgoingPart.File(file, inline: true))], "type=\"text/html\"");
        }
        OutgoingPart? text = message.Text is null && html is not null ? null : OutgoingPart.Text("plain", message.Text ?? "");
        var body = (text, html) switch
        {
            (not null, not null) => OutgoingPart.Multipart("alternative", [text, html]),
            _ => text ?? html!,
        };
        return attached.Count == 0
            ? body
            : OutgoingPart.Multipart("mixed", [body, .. attached.Select(file => OutgoingPart.File(file, inline: false))]);
    }

    private static bool IsReferredTo(OutgoingAttachment attachment, string? html) =>
        !string.IsNullOrEmpty(attachment.ContentId)
        && html?.Contains("cid:" + attachment.ContentId.Trim('<', '>'), StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>RFC 5322 §3.6.8: printable ASCII without a colon; at most 100 characters here.</summary>
    public static bool IsFieldName(string name) =>
        name is { Length: > 0 and <= 100 } && !name.AsSpan().ContainsAnyExceptInRange('!', '~') && !name.Contains(':', StringComparison.Ordinal);

    private static bool IsAllowed(string name) =>
        IsFieldName(name) && !Decided.Contains(name) && !name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase);

    private static List<string> Bounded(IReadOnlyList<string> references)
    {
        var kept = new List<string>();
        var length = 0;
        for (var i = references.Count - 1; i >= 0; i--)
        {
            var isFirst = i == 0;
            if (!isFirst && kept.Count >= NewestReferences)
                continue;
            if (length + references[i].Length > LongestReferences)
                continue;
            length += references[i].Length + 3;
            kept.Add(references[i]);
        }
        kept.Reverse();
        return kept;
    }
}
