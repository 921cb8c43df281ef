namespace Commune.Mail.Smtp.Server.Commands;

/// <summary>QUIT (RFC 5321 §4.1.1.10): the session closes after a 221.</summary>
internal static class QuitCommand
{
    public static SmtpReply Run(ReadOnlySpan<byte> argument) => argument.IsEmpty ? SmtpReply.Closing : SmtpReply.NoArgument;
}
