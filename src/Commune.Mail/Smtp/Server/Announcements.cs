namespace Commune.Mail.Smtp.Server;

/// <summary>What the server says about itself. Neither the greeting nor answers to HELO and EHLO carry enhanced codes (RFC 2034 §4).</summary>
internal sealed class Announcements
{
    private readonly SmtpReply _ehlo;
    private readonly SmtpReply _ehloWithStartTls;

    public Announcements(SmtpServerSettings settings)
    {
        Greeting = new SmtpReply(220, null, $"{settings.HostName} {settings.Greeting}").Rendered();
        // RFC 5321 §4.3.1: a client waits for the greeting. One that doesn't is a spam engine or a browser.
        EarlyTalker = new SmtpReply(554, null, $"{settings.HostName} You spoke before the greeting").Rendered();
        GreetingWhileDraining = new SmtpReply(421, null, $"{settings.HostName} Shutting down, try again later").Rendered();
        Helo = new SmtpReply(250, null, settings.HostName).Rendered();
        _ehlo = Ehlo(settings, startTls: false);
        _ehloWithStartTls = Ehlo(settings, startTls: true);
    }

    public SmtpReply Greeting { get; }

    public SmtpReply EarlyTalker { get; }

    public SmtpReply GreetingWhileDraining { get; }

    public SmtpReply Helo { get; }

    public SmtpReply Ehlo(bool offerStartTls) => offerStartTls ? _ehloWithStartTls : _ehlo;

    private static SmtpReply Ehlo(SmtpServerSettings settings, bool startTls)
    {
        List<string> lines = [settings.HostName, "PIPELINING", $"SIZE {settings.MaxMessageBytes}", "8BITMIME", "CHUNKING", "ENHANCEDSTATUSCODES"];
        if (settings.OfferSmtpUtf8)
            lines.Add("SMTPUTF8");
        if (startTls)
            lines.Add("STARTTLS");
        lines.Add("HELP");
        return new SmtpReply(250, null, lines).Rendered();
    }
}
