using Commune.Mail.Addresses;
using Commune.Mail.Mime;

namespace Commune.Mail.Reports;

/// <summary>The message a report is about, as much of it as the report returned.</summary>
public sealed class OriginalMessage
{
    private OriginalMessage(MimeMessage message) => Message = message;

    /// <summary>Often only its header: the body is then empty.</summary>
    public MimeMessage Message { get; }

    public HeaderList Headers => Message.Headers;

    /// <summary>With its angle brackets; null when it was not returned.</summary>
    public string? MessageId => Message.MessageId;

    public IReadOnlyList<Mailbox> From => Message.From;

    public IReadOnlyList<Mailbox> To => Message.To;

    /// <summary>Decoded; "" when it was not returned.</summary>
    public string Subject => Message.Subject;

    /// <summary>The envelope sender the reporter saw, without brackets; null when it does not tell.</summary>
    public string? ReturnPath => ReportAddress.OfField(Headers.GetUnfolded("Return-Path"));

    /// <summary>
    /// The part that returns the original (RFC 3462 §2 and §1): message/rfc822, message/global, text/rfc822-headers, message/global-headers,
    /// or the third part of a multipart/report whatever its type; null when the report returned nothing.
    /// </summary>
    internal static OriginalMessage? Find(MimeMessage report)
    {
        foreach (var part in ReportParts.Of(report))
        {
            if (part.MediaType is "message/rfc822" or "message/global" && part.EmbeddedMessage is { Headers.Count: > 0 } embedded)
                return new OriginalMessage(embedded);
            if (part.MediaType is "text/rfc822-headers" or "message/rfc822-headers" or "message/global-headers" or "text/rfc822"
                && FromBytes(part.DecodeBody()) is { } headers)
            {
                return headers;
            }
        }
        if (report.Root.MediaType == "multipart/report" && report.Root.Children.Count >= 3 && report.Root.Children[2] is { IsMultipart: false } third)
            return FromBytes(third.DecodeBody());
        return null;
    }

    /// <summary>Null when the bytes do not begin with a header section that names the message.</summary>
    internal static OriginalMessage? FromBytes(ReadOnlyMemory<byte> bytes)
    {
        var blank = bytes.Span.IndexOfAnyExcept("\r\n \t"u8);
        if (blank < 0)
            return null;
        var message = MimeParser.Parse(bytes[blank..]);
        return message.Headers.Contains("Message-ID") || message.Headers.Contains("From") || message.Headers.Contains("Subject") || message.Headers.Contains("Received")
            ? new OriginalMessage(message)
            : null;
    }
}

/// <summary>The parts of a message in order, those of embedded messages left out: they are the original's, not the report's.</summary>
internal static class ReportParts
{
    public static IEnumerable<MimePart> Of(MimeMessage message)
    {
        var stack = new Stack<MimePart>();
        stack.Push(message.Root);
        while (stack.TryPop(out var part))
        {
            yield return part;
            for (var i = part.Children.Count - 1; i >= 0; i--)
                stack.Push(part.Children[i]);
        }
    }
}
