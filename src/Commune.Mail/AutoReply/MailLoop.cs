using Commune.Mail.Mime;

namespace Commune.Mail.AutoReply;

/// <param name="Reason">"" unless it is a loop.</param>
public sealed record MailLoopVerdict(bool IsLoop, int Hops, string Reason);

/// <summary>Mail that comes round again: RFC 5321 §6.3, and the traces that mailers leave against it.</summary>
public static class MailLoop
{
    /// <summary>RFC 5321 §6.3 lets a server refuse from 100 on, not before.</summary>
    public const int MostHops = 100;

    /// <summary>How many hosts the message went through.</summary>
    public static int Hops(HeaderList headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        var hops = 0;
        for (var i = 0; i < headers.Count; i++)
        {
            if (Ascii(headers[i].RawName.Span, "Received"u8))
                hops++;
        }
        return hops;
    }

    /// <summary>
    /// A loop has too many hops, was delivered to <paramref name="recipient"/> before (Delivered-To), or carries our mark (X-Loop).
    /// </summary>
    /// <param name="ownNames">Host names that X-Loop is marked with, and addresses: compared in any case.</param>
    /// <param name="recipient">The address it is about to be delivered to; null looks at the marks alone.</param>
    public static MailLoopVerdict Check(HeaderList headers, IReadOnlyCollection<string> ownNames, string? recipient = null, int mostHops = MostHops)
    {
        ArgumentNullException.ThrowIfNull(headers);
        ArgumentNullException.ThrowIfNull(ownNames);
        var hops = Hops(headers);
        if (hops > mostHops)
            return new MailLoopVerdict(IsLoop: true, hops, "too many Received fields");
        if (recipient is not null && headers.GetAll("Delivered-To").Any(v => Is(v, recipient)))
            return new MailLoopVerdict(IsLoop: true, hops, "Delivered-To names the recipient");
        foreach (var value in headers.GetAll("X-Loop").Concat(headers.GetAll("Delivered-To")))
        {
            if (ownNames.Any(name => Is(value, name)))
                return new MailLoopVerdict(IsLoop: true, hops, "X-Loop or Delivered-To names this server");
        }
        return new MailLoopVerdict(IsLoop: false, hops, "");
    }

    private static bool Is(string value, string name) =>
        value.AsSpan().Trim().Trim("<>").Equals(name, StringComparison.OrdinalIgnoreCase);

    private static bool Ascii(ReadOnlySpan<byte> name, ReadOnlySpan<byte> expected) => System.Text.Ascii.EqualsIgnoreCase(name, expected);
}
