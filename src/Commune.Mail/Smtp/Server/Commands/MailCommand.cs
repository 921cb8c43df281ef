using System.Buffers.Text;
using System.Text;

namespace Commune.Mail.Smtp.Server.Commands;

/// <summary>MAIL (RFC 5321 §4.1.1.2) with SIZE (RFC 1870), BODY (RFC 6152) and SMTPUTF8 (RFC 6531).</summary>
internal static class MailCommand
{
    public static ValueTask<SmtpReply?> RunAsync(SmtpConnection c, ReadOnlySpan<byte> argument)
    {
        if (c.Session.HeloName is null)
            return CommandTable.Answer(SmtpReply.HeloFirst);
        if (c.Envelope is not null)
            return CommandTable.Answer(SmtpReply.NestedMail);
        if (c.Settings.MaxMessagesPerConnection > 0 && c.Session.MessagesAccepted >= c.Settings.MaxMessagesPerConnection)
            return CommandTable.Answer(SmtpReply.TooManyMessages);
        if (argument.Length < 5 || !CommandTable.Is(argument[..5], "FROM:"u8))
            return CommandTable.Answer(SmtpReply.MailSyntax);
        // RFC 5321 §3.3 forbids a space behind the colon; enough senders write one, and it can mean nothing else.
        argument = argument[5..].TrimStart((byte)' ');
        if (!SmtpPathParser.TryParse(argument, out var path, out var consumed) || (path.Domain.Length == 0 && !path.IsNull))
            return CommandTable.Answer(SmtpReply.BadSender);
        var refusal = TryParameters(c.Settings, path, argument[consumed..], out var envelope);
        return refusal is not null ? CommandTable.Answer(refusal) : AskAsync(c, envelope!);
    }

    private static SmtpReply? TryParameters(SmtpServerSettings settings, SmtpPath path, ReadOnlySpan<byte> text, out SmtpEnvelope? envelope)
    {
        envelope = null;
        long? size = null;
        SmtpBodyType? body = null;
        var utf8 = false;
        Dictionary<string, string?>? others = null;
        var parameters = new MailParameters(text);
        while (parameters.MoveNext())
        {
            var value = parameters.Value;
            if (CommandTable.Is(parameters.Keyword, "SIZE"u8))
            {
                if (size is not null || !TrySize(value, out var declared))
                    return SmtpReply.BadParameter;
                size = declared;
            }
            else if (CommandTable.Is(parameters.Keyword, "BODY"u8))
            {
                if (CommandTable.Is(value, "BINARYMIME"u8))
                    return SmtpReply.UnknownParameter;
                var is8Bit = CommandTable.Is(value, "8BITMIME"u8);
                if (body is not null || !(is8Bit || CommandTable.Is(value, "7BIT"u8)))
                    return SmtpReply.BadParameter;
                body = is8Bit ? SmtpBodyType.EightBitMime : SmtpBodyType.SevenBit;
            }
            else if (settings.OfferSmtpUtf8 && CommandTable.Is(parameters.Keyword, "SMTPUTF8"u8))
            {
                if (utf8 || parameters.HasValue)
                    return SmtpReply.BadParameter;
                utf8 = true;
            }
            else if (CommandTable.Is(parameters.Keyword, "AUTH"u8))
            {
                // RFC 4954 §5. It isn't offered here, but relays pass it on to everybody, and it asks for nothing.
                others ??= new Dictionary<string, string?>(StringComparer.Ordinal);
                if (!parameters.HasValue || !others.TryAdd("AUTH", Encoding.ASCII.GetString(value)))
                    return SmtpReply.BadParameter;
            }
            else
            {
                return SmtpReply.UnknownParameter;
            }
        }

        if (parameters.IsMalformed)
            return SmtpReply.BadParameter;
        if (size > settings.MaxMessageBytes)
            return SmtpReply.MessageTooLarge;
        if (path.IsInternational && !utf8)
            return SmtpReply.Utf8NotAllowed;
        envelope = new SmtpEnvelope
        {
            ReversePath = path,
            Body = body ?? SmtpBodyType.SevenBit,
            SmtpUtf8 = utf8,
            DeclaredSize = size,
            OtherParameters = others ?? SmtpEnvelope.NoParameters,
        };
        return null;
    }

    // RFC 1870 §4: up to 20 digits, which may be more than a long holds.
    private static bool TrySize(ReadOnlySpan<byte> digits, out long size)
    {
        size = 0;
        if (digits.Length is 0 or > 20 || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return false;
        if (!Utf8Parser.TryParse(digits, out size, out _))
            size = long.MaxValue;
        return true;
    }

    private static async ValueTask<SmtpReply?> AskAsync(SmtpConnection c, SmtpEnvelope envelope)
    {
        var reply = await c.Handler.MailFromAsync(c.Session, envelope, c.Io.Abort);
        c.HandlerDecided = true;
        if (reply.IsPositive)
            c.Open(envelope);
        return reply;
    }
}
