namespace Commune.Mail.Smtp.Server.Commands;

/// <summary>Verbs that this server doesn't run.</summary>
internal static class UnknownCommand
{
    public static SmtpReply Run(SmtpConnection c, ReadOnlySpan<byte> verb)
    {
        if (IsHttp(verb))
        {
            // A browser was made to send us a request whose body is SMTP: nothing behind this line may be run.
            c.ClosesAfterReply = true;
            return SmtpReply.NotHttp;
        }

        return IsKnown(verb) ? SmtpReply.NotImplemented : SmtpReply.UnknownCommand;
    }

    // RFC 5321 §4.2.4: 502 for what is recognized and not implemented.
    private static bool IsKnown(ReadOnlySpan<byte> verb) =>
        CommandTable.Is(verb, "EXPN"u8) || CommandTable.Is(verb, "TURN"u8) || CommandTable.Is(verb, "ATRN"u8)
        || CommandTable.Is(verb, "SEND"u8) || CommandTable.Is(verb, "SOML"u8) || CommandTable.Is(verb, "SAML"u8)
        || CommandTable.Is(verb, "ETRN"u8) || CommandTable.Is(verb, "BURL"u8);

    private static bool IsHttp(ReadOnlySpan<byte> verb) =>
        CommandTable.Is(verb, "GET"u8) || CommandTable.Is(verb, "POST"u8) || CommandTable.Is(verb, "PUT"u8)
        || CommandTable.Is(verb, "HEAD"u8) || CommandTable.Is(verb, "OPTIONS"u8) || CommandTable.Is(verb, "CONNECT"u8)
        || CommandTable.Is(verb, "DELETE"u8) || CommandTable.Is(verb, "PATCH"u8) || CommandTable.Is(verb, "PRI"u8)
        || (verb.Length >= 5 && CommandTable.Is(verb[..5], "Host:"u8));
}
