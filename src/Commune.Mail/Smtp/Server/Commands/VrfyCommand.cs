namespace Commune.Mail.Smtp.Server.Commands;

/// <summary>VRFY (RFC 5321 §4.1.1.6). It tells nothing: who asks is mostly collecting addresses (§7.3).</summary>
internal static class VrfyCommand
{
    public static SmtpReply Run(ReadOnlySpan<byte> argument) => argument.IsEmpty ? SmtpReply.VrfySyntax : SmtpReply.CannotVerify;
}
