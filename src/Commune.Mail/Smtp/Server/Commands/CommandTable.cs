using System.Text;

namespace Commune.Mail.Smtp.Server.Commands;

/// <summary>From a command line to the file of its verb.</summary>
internal static class CommandTable
{
    /// <summary>
    /// Runs one command. A null answer says that the command has said all there is to say.
    /// The line is read before the first wait and not after.
    /// </summary>
    public static ValueTask<SmtpReply?> RunAsync(SmtpConnection c, CommandLine kind, ReadOnlySpan<byte> line)
    {
        if (kind != CommandLine.Complete)
            return Answer(kind == CommandLine.TooLong ? SmtpReply.LineTooLong : SmtpReply.BareLineFeed);

        var space = line.IndexOf((byte)' ');
        var verb = space < 0 ? line : line[..space];
        var argument = space < 0 ? default : line[(space + 1)..].Trim((byte)' ');
        var isMail = Is(verb, "MAIL"u8);
        var hasPath = isMail || Is(verb, "RCPT"u8);
        if (line.Length > CommandLineReader.MaxLine && !hasPath)
            return Answer(SmtpReply.LineTooLong);
        // Only paths may be UTF-8 (RFC 6531 §3.3), and nothing may be a control character, NUL and a bare CR among them.
        if (line.ContainsAnyExceptInRange((byte)32, (byte)126) && (!hasPath || HasControls(line)))
            return Answer(SmtpReply.BadCharacters);

        if (isMail)
            return MailCommand.RunAsync(c, argument);
        if (hasPath)
            return RcptCommand.RunAsync(c, argument);
        if (Is(verb, "DATA"u8))
            return DataCommand.RunAsync(c, argument);
        if (Is(verb, "BDAT"u8))
            return BdatCommand.RunAsync(c, argument);
        if (Is(verb, "EHLO"u8))
            return EhloCommand.RunAsync(c, argument, isEsmtp: true);
        if (Is(verb, "HELO"u8))
            return EhloCommand.RunAsync(c, argument, isEsmtp: false);
        if (Is(verb, "RSET"u8))
            return RsetCommand.RunAsync(c, argument);
        if (Is(verb, "QUIT"u8))
            return Answer(QuitCommand.Run(argument));
        if (Is(verb, "STARTTLS"u8))
            return StartTlsCommand.RunAsync(c, argument);
        if (Is(verb, "NOOP"u8))
            return Answer(SmtpReply.Ok);
        if (Is(verb, "VRFY"u8))
            return Answer(VrfyCommand.Run(argument));
        if (Is(verb, "HELP"u8))
            return Answer(SmtpReply.HelpText);
        if (Is(verb, "AUTH"u8))
            return Answer(SmtpReply.NoAuthentication);
        return Answer(UnknownCommand.Run(c, verb));
    }

    /// <summary>Verbs are in any case (RFC 5321 §2.4).</summary>
    public static bool Is(ReadOnlySpan<byte> word, ReadOnlySpan<byte> other) => Ascii.EqualsIgnoreCase(word, other);

    public static ValueTask<SmtpReply?> Answer(SmtpReply reply) => new(reply);

    private static bool HasControls(ReadOnlySpan<byte> line) =>
        line.ContainsAnyInRange((byte)0, (byte)31) || line.Contains((byte)127);
}
