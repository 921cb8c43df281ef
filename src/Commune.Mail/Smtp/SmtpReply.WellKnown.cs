namespace Commune.Mail.Smtp;

// The replies whose text never changes, in the order of their codes.
public sealed partial class SmtpReply
{
    public static SmtpReply Ok { get; } = Fixed(250, "2.0.0", "OK");
    public static SmtpReply SenderOk { get; } = Fixed(250, "2.1.0", "Sender OK");
    public static SmtpReply RecipientOk { get; } = Fixed(250, "2.1.5", "Recipient OK");
    public static SmtpReply Accepted { get; } = Fixed(250, "2.0.0", "Message accepted");

    /// <summary>Our failure, not the client's: it should try again.</summary>
    public static SmtpReply LocalError { get; } = Fixed(451, "4.3.0", "Local error in processing, try again later");
    public static SmtpReply MailboxFull { get; } = Fixed(452, "4.2.2", "The mailbox is over its quota, try again later");
    public static SmtpReply InsufficientStorage { get; } = Fixed(452, "4.3.1", "Insufficient system storage, try again later");
    public static SmtpReply TooManyRecipients { get; } = Fixed(452, "4.5.3", "Too many recipients, send the rest in another transaction");

    public static SmtpReply NoSuchMailbox { get; } = Fixed(550, "5.1.1", "No such mailbox here");
    public static SmtpReply RelayingDenied { get; } = Fixed(550, "5.7.1", "Relaying denied");
    public static SmtpReply MessageTooLarge { get; } = Fixed(552, "5.3.4", "The message is larger than this server accepts");
    public static SmtpReply Utf8NotAllowed { get; } = Fixed(553, "5.6.7", "A non-ASCII address needs SMTPUTF8");

    internal static SmtpReply Closing { get; } = Fixed(221, "2.0.0", "Closing connection");
    internal static SmtpReply ReadyForTls { get; } = Fixed(220, "2.0.0", "Ready to start TLS");
    internal static SmtpReply HelpText { get; } = Fixed(214, "2.0.0", "See RFC 5321");
    internal static SmtpReply ChunkReceived { get; } = Fixed(250, "2.0.0", "Chunk received");
    internal static SmtpReply CannotVerify { get; } = Fixed(252, "2.5.0", "Cannot verify, but will take mail and try to deliver it");
    internal static SmtpReply StartInput { get; } = Fixed(354, null, "Start mail input; end with <CRLF>.<CRLF>");

    internal static SmtpReply ShuttingDown { get; } = Fixed(421, "4.3.2", "Shutting down, try again later");
    internal static SmtpReply TimedOut { get; } = Fixed(421, "4.4.2", "Timed out waiting for the client");
    internal static SmtpReply TooManyErrors { get; } = Fixed(421, "4.7.0", "Too many errors");
    internal static SmtpReply TooManyCommands { get; } = Fixed(421, "4.7.0", "Too many commands without mail");
    internal static SmtpReply TooManyMessages { get; } = Fixed(421, "4.7.0", "Too many messages on one connection, connect again");

    internal static SmtpReply UnknownCommand { get; } = Fixed(500, "5.5.2", "Command not recognized");
    internal static SmtpReply LineTooLong { get; } = Fixed(500, "5.5.2", "Command line too long");
    internal static SmtpReply BareLineFeed { get; } = Fixed(500, "5.5.2", "Lines end with CRLF");
    internal static SmtpReply BadCharacters { get; } = Fixed(500, "5.5.2", "Commands hold printable ASCII only");
    internal static SmtpReply NoArgument { get; } = Fixed(501, "5.5.4", "This command takes no argument");
    internal static SmtpReply BadHelo { get; } = Fixed(501, "5.5.4", "Give your host name or address literal");
    internal static SmtpReply MailSyntax { get; } = Fixed(501, "5.5.4", "Syntax: MAIL FROM:<address> [parameters]");
    internal static SmtpReply RcptSyntax { get; } = Fixed(501, "5.5.4", "Syntax: RCPT TO:<address>");
    internal static SmtpReply BdatSyntax { get; } = Fixed(501, "5.5.4", "Syntax: BDAT size [LAST]");
    internal static SmtpReply VrfySyntax { get; } = Fixed(501, "5.5.4", "Syntax: VRFY mailbox");
    internal static SmtpReply BadSender { get; } = Fixed(501, "5.1.7", "Bad sender address syntax");
    internal static SmtpReply BadRecipient { get; } = Fixed(501, "5.1.3", "Bad recipient address syntax");
    internal static SmtpReply BadParameter { get; } = Fixed(501, "5.5.4", "Bad or repeated parameter");
    internal static SmtpReply NotImplemented { get; } = Fixed(502, "5.5.1", "Command not implemented");
    internal static SmtpReply NoAuthentication { get; } = Fixed(502, "5.5.1", "Authentication is not offered on this port");
    internal static SmtpReply HeloFirst { get; } = Fixed(503, "5.5.1", "Say EHLO first");
    internal static SmtpReply MailFirst { get; } = Fixed(503, "5.5.1", "Send MAIL first");
    internal static SmtpReply NestedMail { get; } = Fixed(503, "5.5.1", "Sender already given");
    internal static SmtpReply AlreadyTls { get; } = Fixed(503, "5.5.1", "TLS is already active");
    internal static SmtpReply ChunkingUnderWay { get; } = Fixed(503, "5.5.1", "DATA and BDAT cannot be mixed, send RSET");
    internal static SmtpReply ChunkingFailed { get; } = Fixed(503, "5.5.1", "The transaction has failed, send RSET");
    internal static SmtpReply BareLineEnd { get; } = Fixed(550, "5.6.0", "The message holds a bare CR or LF; lines end with CRLF");
    internal static SmtpReply NoValidRecipients { get; } = Fixed(554, "5.5.1", "No valid recipients");
    internal static SmtpReply NotHttp { get; } = Fixed(554, "5.5.1", "This is not an HTTP server");
    internal static SmtpReply UnknownParameter { get; } = Fixed(555, "5.5.4", "Parameter not recognized or not implemented");

    private static SmtpReply Fixed(int code, string? enhanced, string text)
    {
        EnhancedStatusCode? status = enhanced is not null && EnhancedStatusCode.TryParse(enhanced, out var parsed) ? parsed : null;
        return new SmtpReply(code, status, text).Rendered();
    }
}
