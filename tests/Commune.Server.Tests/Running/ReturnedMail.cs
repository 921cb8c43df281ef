namespace Commune.Server.Tests.Running;

/// <summary>What mail systems send back.</summary>
public static class ReturnedMail
{
    /// <summary>A delivery status notification (RFC 3464) that returns the header of the original.</summary>
    /// <param name="fields">The per-recipient fields, groups parted by an empty line.</param>
    public static byte[] StatusNotification(string to, string? originalMessageId, string fields, string? returnPath = null, string? id = null) => Letter.Bytes(
        $"""
        From: Mail Delivery System <MAILER-DAEMON@mx.far.test>
        To: {to}
        Subject: Undelivered Mail Returned to Sender
        Date: Wed, 04 Mar 2026 05:06:07 +0000
        Message-ID: {id ?? Letter.NewMessageId()}
        Auto-Submitted: auto-replied
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

        --b1
        Content-Type: text/plain; charset=us-ascii

        I could not deliver your message.

        --b1
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.far.test

        {fields}

        --b1
        Content-Type: text/rfc822-headers

        {(returnPath is null ? "" : $"Return-Path: <{returnPath}>\n")}From: agent@commune.test
        Subject: s
        {(originalMessageId is null ? "" : $"Message-ID: {originalMessageId}\n")}
        --b1--

        """);

    public static string Failed(string recipient, string status = "5.1.1", string diagnostic = "550 5.1.1 No such user here") =>
        $"Final-Recipient: rfc822; {recipient}\nAction: failed\nStatus: {status}\nDiagnostic-Code: smtp; {diagnostic}\n";

    public static string Delayed(string recipient) =>
        $"Final-Recipient: rfc822; {recipient}\nAction: delayed\nStatus: 4.4.1\nDiagnostic-Code: smtp; 451 4.4.1 Connection timed out\n";

    /// <summary>The words of qmail, which knows no delivery status.</summary>
    public static byte[] Qmail(string to, string recipient, string? originalMessageId) => Letter.Bytes(
        $"""
        From: MAILER-DAEMON@mx.far.test
        To: {to}
        Subject: failure notice
        Message-ID: {Letter.NewMessageId()}

        Hi. This is the qmail-send program at mx.far.test.
        I'm afraid I wasn't able to deliver your message to the following addresses.
        This is a permanent error; I've given up. Sorry it didn't work out.

        <{recipient}>:
        Sorry, no mailbox here by that name. (#5.1.1)

        --- Below this line is a copy of the message.

        From: agent@commune.test
        Subject: s
        {(originalMessageId is null ? "" : $"Message-ID: {originalMessageId}\n")}
        text

        """);

    /// <summary>A complaint (RFC 5965).</summary>
    public static byte[] Complaint(string to, string? recipient, string? originalMessageId, string? mailFrom = null, string type = "abuse") => Letter.Bytes(
        $"""
        From: feedback@provider.test
        To: {to}
        Subject: FW: s
        Message-ID: {Letter.NewMessageId()}
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=feedback-report; boundary="b1"

        --b1
        Content-Type: text/plain

        This is an email abuse report.

        --b1
        Content-Type: message/feedback-report

        Feedback-Type: {type}
        User-Agent: Provider/1.0
        Version: 1
        {(mailFrom is null ? "" : $"Original-Mail-From: <{mailFrom}>\n")}{(recipient is null ? "" : $"Original-Rcpt-To: <{recipient}>\n")}
        --b1
        Content-Type: message/rfc822

        From: agent@commune.test
        Subject: s
        {(originalMessageId is null ? "" : $"Message-ID: {originalMessageId}\n")}
        text
        --b1--

        """);
}
