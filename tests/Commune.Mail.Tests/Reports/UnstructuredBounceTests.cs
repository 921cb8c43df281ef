using Commune.Mail.Reports;
using Commune.Mail.Tests.Mime;

namespace Commune.Mail.Tests.Reports;

/// <summary>Texts typed in the manner of each mailer.</summary>
public sealed class UnstructuredBounceTests
{
    [Fact]
    public void A_bounce_of_qmail_is_read()
    {
        var bounce = Read(Bounce("failure notice", """
            Hi. This is the qmail-send program at mx.there.example.
            I'm afraid I wasn't able to deliver your message to the following addresses.
            This is a permanent error; I've given up. Sorry it didn't work out.

            <gone@there.example>:
            Sorry, no mailbox here by that name. (#5.1.1)

            <full@other.example>:
            192.0.2.9 does not like recipient.
            Remote host said: 552 5.2.2 Over quota
            Giving up on 192.0.2.9.

            --- Below this line is a copy of the message.

            Return-Path: <agent@ours.example>
            Received: (qmail 123 invoked from network); 20 Nov 2026 10:00:00 -0000
            Message-ID: <one@ours.example>
            From: agent@ours.example
            To: gone@there.example

            Hello friend@elsewhere.example: nice.
            """));
        Assert.Equal("gone@there.example, full@other.example", string.Join(", ", bounce.Recipients.Select(r => r.Address)));
        Assert.Equal("5.1.1", bounce.Recipients[0].EnhancedCode.ToString());
        Assert.Equal(BounceClass.Hard, bounce.Recipients[0].Class);
        Assert.Equal(552, bounce.Recipients[1].SmtpCode);
        Assert.Equal(BounceClass.Full, bounce.Recipients[1].Class);
        Assert.Equal("<one@ours.example>", bounce.OriginalMessageId);
        Assert.Equal("mx.there.example", bounce.ReportingMta);
        Assert.Equal("agent@ours.example", bounce.OriginalReturnPathHints[0]);
    }

    [Fact]
    public void A_bounce_of_Exim_is_read()
    {
        var bounce = Read(Bounce("Mail delivery failed: returning message to sender", """
            This message was created automatically by mail delivery software.

            A message that you sent could not be delivered to one or more of its
            recipients. This is a permanent error. The following address(es) failed:

              gone@there.example
                host mx.there.example [192.0.2.5]
                SMTP error from remote mail server after RCPT TO:<gone@there.example>:
                550 5.1.1 <gone@there.example>: User unknown

            ------ This is a copy of the message, including all the headers. ------

            Return-path: <agent@ours.example>
            Received: from ours.example by relay.example
            Message-ID: <one@ours.example>

            Hello
            """, "X-Failed-Recipients: gone@there.example"));
        var recipient = Assert.Single(bounce.Recipients);
        Assert.Equal("gone@there.example", recipient.Address);
        Assert.Equal("5.1.1", recipient.EnhancedCode.ToString());
        Assert.Equal(550, recipient.SmtpCode);
        Assert.Equal(RecipientAction.Failed, recipient.Action);
        Assert.Equal("<one@ours.example>", bounce.OriginalMessageId);
    }

    [Fact]
    public void A_warning_of_Exim_is_a_delay()
    {
        var bounce = Read(Bounce("Warning: message 1abc-000 delayed 24 hours", """
            This message was created automatically by mail delivery software.
            A message that you sent has not yet been delivered to one or more of its
            recipients after more than 24 hours on the queue on relay.example.

            The address to which the message has not yet been delivered is:

              slow@there.example
                Delay reason: connection timed out

            No action is required on your part. Delivery attempts will continue for
            some time.
            """));
        var recipient = Assert.Single(bounce.Recipients);
        Assert.Equal("slow@there.example", recipient.Address);
        Assert.Equal(RecipientAction.Delayed, recipient.Action);
        Assert.Equal(BounceClass.Soft, recipient.Class);
    }

    [Fact]
    public void A_plain_bounce_of_Postfix_is_read()
    {
        var bounce = Read(Bounce("Undelivered Mail Returned to Sender", """
            This is the Postfix program at host relay.example.

            I'm sorry to have to inform you that your message could not be
            delivered to one or more recipients. For further assistance, please
            send mail to <postmaster>

                            The Postfix program

            <gone@there.example>: host mx.there.example[192.0.2.5] said: 550 5.1.1
                <gone@there.example>: Recipient address rejected: User unknown (in reply
                to RCPT TO command)

            <two@there.example> (expanded from <all@there.example>): unknown user: "two"
            """));
        Assert.Equal("gone@there.example, two@there.example", string.Join(", ", bounce.Recipients.Select(r => r.Address)));
        Assert.Equal(550, bounce.Recipients[0].SmtpCode);
        Assert.All(bounce.Recipients, r => Assert.Equal(BounceClass.Hard, r.Class));
    }

    [Fact]
    public void A_bounce_of_Exchange_is_read()
    {
        var bounce = Read(Bounce("Undeliverable: Hello", """
            Delivery has failed to these recipients or groups:

            Jane Doe (jane@there.example)<mailto:jane@there.example>
            The e-mail address you entered couldn't be found. Please check the address.

            Diagnostic information for administrators:

            Generating server: ex01.there.example

            jane@there.example
            #550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##

            Original message headers:

            Received: from relay.ours.example (192.0.2.1) by ex01.there.example
            Message-ID: <one@ours.example>
            Subject: Hello
            """));
        var recipient = Assert.Single(bounce.Recipients);
        Assert.Equal("jane@there.example", recipient.Address);
        Assert.Equal("5.1.1", recipient.EnhancedCode.ToString());
        Assert.Equal(550, recipient.SmtpCode);
        Assert.Equal("ex01.there.example", bounce.ReportingMta);
        Assert.Equal("<one@ours.example>", bounce.OriginalMessageId);
    }

    [Fact]
    public void A_bounce_of_Outlook_that_names_the_address_in_a_sentence_is_read()
    {
        var bounce = Read(Bounce("Undeliverable: Hello", """
            Your message to jane@there.example couldn't be delivered.

            jane wasn't found at there.example.

            Reported error: 550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup
            """));
        var recipient = Assert.Single(bounce.Recipients);
        Assert.Equal("jane@there.example", recipient.Address);
        Assert.Equal("5.1.10", recipient.EnhancedCode.ToString());
        Assert.Equal(BounceClass.Hard, recipient.Class);
    }

    [Fact]
    public void A_bounce_of_Yahoo_is_read()
    {
        var bounce = Read(Bounce("Failure Notice", """
            Sorry, we were unable to deliver your message to the following address.

            <gone@there.example>:
            550: 5.1.1 <gone@there.example>: Email address could not be found, or was misspelled

            --- Below this line is a copy of the message.

            Message-ID: <one@ours.example>
            """));
        var recipient = Assert.Single(bounce.Recipients);
        Assert.Equal("gone@there.example", recipient.Address);
        Assert.Equal(BounceClass.Hard, recipient.Class);
        Assert.Equal("<one@ours.example>", bounce.OriginalMessageId);
    }

    [Fact]
    public void A_bounce_of_Domino_is_read()
    {
        var bounce = Read(Bounce("DELIVERY FAILURE: User gone (gone@there.example) not listed in Domino Directory", """
            Your message

              Subject: Hello

            was not delivered to:

              gone@there.example

            because:

              User gone (gone@there.example) not listed in Domino Directory
            """));
        var recipient = Assert.Single(bounce.Recipients);
        Assert.Equal("gone@there.example", recipient.Address);
        Assert.Equal(BounceClass.Hard, recipient.Class);
    }

    [Fact]
    public void A_bounce_of_GroupWise_is_read()
    {
        var recipient = Assert.Single(Read(Bounce("Mail Delivery Error - Message status - undeliverable", """
            The message that you sent was undeliverable to the following:
               gone@there.example (550 5.1.1 User unknown)
            """)).Recipients);
        Assert.Equal("gone@there.example", recipient.Address);
        Assert.Equal("5.1.1", recipient.EnhancedCode.ToString());
        Assert.Equal(550, recipient.SmtpCode);
    }

    [Fact]
    public void A_bounce_of_Sendmail_is_read()
    {
        var bounce = Read(Bounce("Returned mail: see transcript for details", """
            The original message was received at Fri, 20 Nov 2026 10:00:00 GMT
            from relay.ours.example [192.0.2.1]

               ----- The following addresses had permanent fatal errors -----
            <gone@there.example>
                (reason: 550 5.1.1 <gone@there.example>... User unknown)
            <two@there.example>

               ----- Transcript of session follows -----
            ... while talking to mx.there.example.:
            >>> RCPT To:<two@there.example>
            <<< 554 5.7.1 <two@there.example>... Access denied
            """));
        Assert.Equal("gone@there.example, two@there.example", string.Join(", ", bounce.Recipients.Select(r => r.Address)));
        Assert.Equal("5.1.1", bounce.Recipients[0].EnhancedCode.ToString());
        Assert.Equal("5.7.1", bounce.Recipients[1].EnhancedCode.ToString());
        Assert.Equal(BounceClass.Policy, bounce.Recipients[1].Class);
    }

    [Theory]
    [InlineData("Unknown user: gone@there.example", BounceClass.Hard)]
    [InlineData("User mailbox exceeds allowed size: gone@there.example", BounceClass.Full)]
    [InlineData("Delivery failed: gone@there.example", BounceClass.Soft)]
    public void A_bounce_of_IMail_is_read(string line, BounceClass expected)
    {
        var recipient = Assert.Single(Read(Bounce("Undeliverable Mail", line + "\n\nOriginal message follows.\n\nMessage-ID: <one@ours.example>\n\nHi\n")).Recipients);
        Assert.Equal("gone@there.example", recipient.Address);
        Assert.Equal(expected, recipient.Class);
    }

    [Theory]
    [InlineData("Ihre Nachricht konnte nicht zugestellt werden", "Die Zustellung an folgende Empfänger ist fehlgeschlagen:\n\n  gone@there.example\n    550 5.1.1 Empfänger unbekannt\n")]
    [InlineData("Échec de la remise", "Votre message n'a pas pu être remis :\n\nDestinataire : gone@there.example\nRaison : 550 5.1.1 utilisateur inconnu\n")]
    [InlineData("No se pudo entregar", "El mensaje no se pudo entregar a gone@there.example.\n\nError: 550 5.1.1 usuario desconocido\n")]
    [InlineData("Mancato recapito", "Impossibile recapitare il messaggio ai seguenti destinatari:\n\n<gone@there.example>: 550 5.1.1 utente sconosciuto\n")]
    [InlineData("配信できませんでした", "以下の宛先にメールを配信できませんでした。\n\n宛先：gone@there.example\n理由: 550 5.1.1 宛先不明\n")]
    public void Bounces_in_other_languages_are_read(string subject, string text)
    {
        var body = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));
        var encoded = "=?utf-8?B?" + Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(subject)) + "?=";
        var recipient = Assert.Single(Read(Bounce(encoded, body, "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64")).Recipients);
        Assert.Equal("gone@there.example", recipient.Address);
        Assert.Equal("5.1.1", recipient.EnhancedCode.ToString());
        Assert.Equal(BounceClass.Hard, recipient.Class);
    }

    [Fact]
    public void An_attached_original_is_used()
    {
        var bounce = Read("From: MAILER-DAEMON@relay.example\nTo: agent@ours.example\nSubject: Undeliverable mail\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nYour mail could not be delivered. It was addressed to somebody unknown.\n\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <one@ours.example>\nFrom: agent@ours.example\nTo: gone@there.example\n\nHi\n--b--\n");
        Assert.Equal("<one@ours.example>", bounce.OriginalMessageId);
        Assert.Equal("gone@there.example", Assert.Single(bounce.Recipients).Address);
    }

    [Fact]
    public void The_senders_own_address_is_no_recipient_that_failed()
    {
        var bounce = Read(Bounce("Undeliverable", "Delivery failed for the message of\n\nagent@ours.example\n\nto\n\ngone@there.example\n550 5.1.1 user unknown\n"));
        Assert.Equal("gone@there.example", Assert.Single(bounce.Recipients).Address);
    }

    [Theory]
    [InlineData("From: friend@there.example\nSubject: Re: failure notice\n\nHi, I got this:\n\n<gone@there.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n")]
    [InlineData("From: postmaster@there.example\nTo: agent@ours.example\nSubject: Your account\n\nWelcome, your account agent2@there.example is ready.\n")]
    [InlineData("From: friend@there.example\nSubject: Hello\n\nDid my message arrive?\n")]
    public void Mail_of_people_is_no_bounce(string text) => Assert.Null(UnstructuredBounce.TryRead(Eml.Parse(text)));

    private static string Bounce(string subject, string body, string? field = null) =>
        $"Return-Path: <>\nFrom: Mail Delivery Subsystem <MAILER-DAEMON@relay.example>\nTo: agent@ours.example\nSubject: {subject}\n{(field is null ? "" : field + "\n")}\n{body}";

    private static BounceReport Read(string text) => BounceReader.Read(Eml.Parse(text)) ?? throw new InvalidOperationException("not read");
}
