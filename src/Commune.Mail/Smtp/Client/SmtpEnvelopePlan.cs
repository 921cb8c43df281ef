using System.Globalization;
using System.Text;

namespace Commune.Mail.Smtp.Client;

/// <summary>The commands of a transaction, after everything that can be refused without asking the server.</summary>
/// <param name="Recipients">The RCPT commands, each with the index of its recipient in the envelope.</param>
internal sealed record SmtpEnvelopePlan(string Mail, IReadOnlyList<(int Index, string Line)> Recipients)
{
    /// <summary>RFC 3461 §4.4.</summary>
    private const int LongestEnvelopeId = 100;

    /// <param name="results">Gets the refusals.</param>
    /// <returns>Null when nobody is left to ask for.</returns>
    public static SmtpEnvelopePlan? Make(
        SmtpOutgoingEnvelope envelope,
        long messageOctets,
        SmtpCapabilities capabilities,
        SmtpRecipientResult?[] results)
    {
        var sender = SmtpPath.ToAscii(envelope.ReversePath);
        if (sender.Length > 0 && !SmtpPath.IsSafe(sender))
            return RefuseAll(553, "5.1.7", "The sender address cannot be written in an SMTP command.");
        if (messageOctets > capabilities.MaxMessageBytes)
        {
            // RFC 1870 §6.1: the server would answer 552 to MAIL.
            return RefuseAll(552, "5.3.4", $"The message has {messageOctets} octets; the server takes {capabilities.MaxMessageBytes} at most.");
        }

        if (envelope.Is8Bit && !capabilities.EightBitMime)
            return RefuseAll(554, "5.6.3", "The message has an 8-bit body, and the server does not offer 8BITMIME (RFC 6152).");
        if (!capabilities.SmtpUtf8 && (envelope.RequiresSmtpUtf8 || !Ascii.IsValid(sender)))
            return RefuseAll(550, "5.6.7", "The message needs SMTPUTF8, and the server does not offer it (RFC 6531).");

        var needsUtf8 = envelope.RequiresSmtpUtf8 || !Ascii.IsValid(sender);
        var recipients = new List<(int, string)>();
        for (var i = 0; i < results.Length; i++)
        {
            var address = SmtpPath.ToAscii(envelope.Recipients[i]);
            var isAscii = Ascii.IsValid(address);
            if (!SmtpPath.IsSafe(address))
            {
                Refuse(i, 553, "5.1.3", "The address cannot be written in an SMTP command.");
            }
            else if (!isAscii && !capabilities.SmtpUtf8)
            {
                Refuse(i, 550, "5.6.7", "The address needs SMTPUTF8, and the server does not offer it (RFC 6531).");
            }
            else
            {
                needsUtf8 |= !isAscii;
                // RFC 3461 §4.2: a bounce then names the address that we know, however the mail was forwarded. Beyond ASCII it is another type (RFC 6533).
                recipients.Add((i, capabilities.Dsn && isAscii ? $"RCPT TO:<{address}> ORCPT=rfc822;{Xtext(address)}" : $"RCPT TO:<{address}>"));
            }
        }

        if (recipients.Count == 0)
            return null;
        var mail = new StringBuilder($"MAIL FROM:<{sender}>");
        if (capabilities.Size)
            mail.Append($" SIZE={messageOctets}");
        if (envelope.Is8Bit)
            mail.Append(" BODY=8BITMIME");
        if (needsUtf8)
            mail.Append(" SMTPUTF8");
        if (capabilities.Dsn && envelope.EnvelopeId is { Length: > 0 } id && Ascii.IsValid(id) && Xtext(id) is { Length: <= LongestEnvelopeId } told)
            mail.Append($" ENVID={told}");
        return new SmtpEnvelopePlan(mail.ToString(), recipients);

        SmtpEnvelopePlan? RefuseAll(int code, string enhancedCode, string text)
        {
            for (var i = 0; i < results.Length; i++)
                Refuse(i, code, enhancedCode, text);
            return null;
        }

        void Refuse(int index, int code, string enhancedCode, string text) => results[index] =
            new SmtpRecipientResult(envelope.Recipients[index], SmtpOutcome.PermanentFailure, code, enhancedCode, text);
    }

    /// <summary>RFC 3461 §4: all but printable ASCII without "+" and "=" stands as "+" and two hexadecimal digits.</summary>
    private static string Xtext(string text)
    {
        var encoded = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (c is >= '!' and <= '~' and not ('+' or '='))
                encoded.Append(c);
            else
                encoded.Append(CultureInfo.InvariantCulture, $"+{(int)c:X2}");
        }
        return encoded.ToString();
    }
}
