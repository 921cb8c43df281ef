using System.Text;

namespace Commune.Mail.Smtp.Server.Commands;

/// <summary>EHLO and HELO (RFC 5321 §4.1.1.1).</summary>
internal static class EhloCommand
{
    public static ValueTask<SmtpReply?> RunAsync(SmtpConnection c, ReadOnlySpan<byte> argument, bool isEsmtp)
    {
        // §4.1.4: a refused EHLO leaves everything as it was.
        if (argument.Length > 255 || !SmtpPathParser.IsDomainOrLiteral(argument))
            return CommandTable.Answer(SmtpReply.BadHelo);
        c.Session.HeloName = Encoding.ASCII.GetString(argument);
        c.Session.IsEsmtp = isEsmtp;
        return ResetAsync(c, isEsmtp
            ? c.Announcements.Ehlo(offerStartTls: c.StartTls is not null && !c.Session.IsTls)
            : c.Announcements.Helo);
    }

    // §4.1.4: an accepted one also does what RSET does.
    private static async ValueTask<SmtpReply?> ResetAsync(SmtpConnection c, SmtpReply reply)
    {
        await c.ResetAsync();
        return reply;
    }
}
