namespace Commune.Mail.Smtp.Server.Commands;

/// <summary>RSET (RFC 5321 §4.1.1.5).</summary>
internal static class RsetCommand
{
    public static ValueTask<SmtpReply?> RunAsync(SmtpConnection c, ReadOnlySpan<byte> argument) =>
        argument.IsEmpty ? ResetAsync(c) : CommandTable.Answer(SmtpReply.NoArgument);

    private static async ValueTask<SmtpReply?> ResetAsync(SmtpConnection c)
    {
        await c.ResetAsync();
        return SmtpReply.Ok;
    }
}
