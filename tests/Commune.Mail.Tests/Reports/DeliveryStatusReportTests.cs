using Commune.Mail.Reports;
using Commune.Mail.Smtp;
using Commune.Mail.Tests.Mime;

namespace Commune.Mail.Tests.Reports;

public sealed class DeliveryStatusReportTests
{
    private const string Postfix = """
        Return-Path: <>
        From: MAILER-DAEMON@mx.relay.example (Mail Delivery System)
        To: agent@ours.example
        Subject: Undelivered Mail Returned to Sender
        Auto-Submitted: auto-replied
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary="b"

        --b
        Content-Type: text/plain; charset=us-ascii

        This is the mail system at host mx.relay.example.

        <gone@there.example>: host mx.there.example said: 550 5.1.1 no

        --b
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.relay.example
        X-Postfix-Queue-ID: 4ABCDE
        Original-Envelope-Id: env-7
        Arrival-Date: Fri, 20 Nov 2026 10:00:00 +0000

        Final-Recipient: rfc822; gone@there.example
        Original-Recipient: rfc822;info@there.example
        Action: failed
        Status: 5.1.1
        Remote-MTA: dns; mx.there.example
        Diagnostic-Code: smtp; 550-5.1.1 <gone@there.example>: Recipient address
            rejected: User unknown
        Last-Attempt-Date: Fri, 20 Nov 2026 10:00:05 +0000

        Final-Recipient: rfc822; slow@there.example
        Action: delayed
        Status: 4.4.1
        Will-Retry-Until: Tue, 24 Nov 2026 10:00:00 +0000

        --b
        Content-Type: text/rfc822-headers

        Return-Path: <bounce+42@ours.example>
        From: Agent <agent@ours.example>
        To: info@there.example
        Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=
        Message-ID: <one@ours.example>

        --b--
        """;

    [Fact]
    public void The_fields_of_the_message_are_read()
    {
        var report = Read(Postfix);
        Assert.Equal("mx.relay.example", report.ReportingMta);
        Assert.Equal("env-7", report.OriginalEnvelopeId);
        Assert.Equal(new DateTimeOffset(2026, 11, 20, 10, 0, 0, TimeSpan.Zero), report.ArrivalDate);
    }

    [Fact]
    public void The_fields_of_each_recipient_are_read()
    {
        var report = Read(Postfix);
        Assert.Equal(2, report.Recipients.Count);
        var first = report.Recipients[0];
        Assert.Equal("gone@there.example", first.FinalRecipient);
        Assert.Equal("info@there.example", first.OriginalRecipient);
        Assert.Equal(RecipientAction.Failed, first.Action);
        Assert.Equal(new EnhancedStatusCode(5, 1, 1), first.Status);
        Assert.Equal("mx.there.example", first.RemoteMta);
        Assert.Equal("smtp", first.DiagnosticType);
        Assert.Equal("550-5.1.1 <gone@there.example>: Recipient address rejected: User unknown", first.DiagnosticCode);
        Assert.Equal(new DateTimeOffset(2026, 11, 20, 10, 0, 5, TimeSpan.Zero), first.LastAttempt);
        var second = report.Recipients[1];
        Assert.Equal(RecipientAction.Delayed, second.Action);
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 10, 0, 0, TimeSpan.Zero), second.WillRetryUntil);
    }

    [Fact]
    public void The_header_of_the_original_is_read()
    {
        var original = Read(Postfix).Original!;
        Assert.Equal("<one@ours.example>", original.MessageId);
        Assert.Equal("agent@ours.example", Assert.Single(original.From).Address);
        Assert.Equal("info@there.example", Assert.Single(original.To).Address);
        Assert.Equal("Grüße", original.Subject);
        Assert.Equal("bounce+42@ours.example", original.ReturnPath);
    }

    [Fact]
    public void The_bounce_names_the_address_we_wrote_to_and_where_it_ended()
    {
        var bounce = BounceReader.Read(Eml.Parse(Postfix))!;
        var first = bounce.Recipients[0];
        Assert.Equal("info@there.example", first.Address);
        Assert.Equal("gone@there.example", first.FinalAddress);
        Assert.Equal(550, first.SmtpCode);
        Assert.Equal(BounceClass.Hard, first.Class);
        Assert.Equal(BounceClass.Soft, bounce.Recipients[1].Class);
        Assert.Equal("<one@ours.example>", bounce.OriginalMessageId);
        Assert.Equal("bounce+42@ours.example", bounce.OriginalReturnPathHints[0]);
        Assert.Equal("env-7", bounce.OriginalEnvelopeId);
    }

    [Fact]
    public void Recipients_without_a_blank_line_between_them_are_told_apart()
    {
        var report = ReadStatus("Reporting-MTA: dns; a.example\nFinal-Recipient: rfc822; one@x.example\nAction: failed\nStatus: 5.1.1\nFinal-Recipient: rfc822; two@x.example\nAction: failed\nStatus: 5.2.2\n");
        Assert.Equal("one@x.example, two@x.example", string.Join(", ", report.Recipients.Select(r => r.FinalRecipient)));
        Assert.Equal(2, report.Recipients[1].Status!.Value.Subject);
    }

    [Fact]
    public void A_blank_line_after_every_field_does_not_multiply_recipients()
    {
        var report = ReadStatus("Reporting-MTA: dns; a.example\n\nOriginal-Recipient: rfc822; one@x.example\n\nFinal-Recipient: rfc822; one@y.example\n\nAction: failed\n\nStatus: 5.1.1\n");
        var recipient = Assert.Single(report.Recipients);
        Assert.Equal("one@x.example", recipient.OriginalRecipient);
        Assert.Equal(new EnhancedStatusCode(5, 1, 1), recipient.Status);
    }

    [Theory]
    [InlineData("delayed", RecipientAction.Delayed)]
    [InlineData("Relayed (to a system without DSN)", RecipientAction.Relayed)]
    [InlineData("delivered", RecipientAction.Delivered)]
    [InlineData("EXPANDED", RecipientAction.Expanded)]
    [InlineData("failed", RecipientAction.Failed)]
    [InlineData("exploded", RecipientAction.Failed)]
    public void Actions_are_read_in_any_case_and_with_comments(string text, RecipientAction action) =>
        Assert.Equal(action, Assert.Single(ReadStatus($"Final-Recipient: rfc822; a@x.example\nAction: {text}\n").Recipients).Action);

    [Theory]
    [InlineData("rfc822; a@x.example")]
    [InlineData("RFC822;<a@x.example>")]
    [InlineData("a@x.example")]
    [InlineData("rfc822; a@x.example (A. Person)")]
    [InlineData("utf-8; a@x.example")]
    public void Addresses_are_read_in_every_spelling(string text) =>
        Assert.Equal("a@x.example", Assert.Single(ReadStatus($"Final-Recipient: {text}\nAction: failed\n").Recipients).FinalRecipient);

    [Fact]
    public void An_international_address_is_unescaped()
    {
        var report = ReadStatus("Final-Recipient: utf-8; \\x{FC}ber@x.example\nAction: failed\n", "message/global-delivery-status");
        Assert.Equal("über@x.example", Assert.Single(report.Recipients).FinalRecipient);
    }

    [Fact]
    public void A_base64_status_part_in_another_charset_is_read()
    {
        var body = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes("Reporting-MTA: dns; a.example\n\nFinal-Recipient: utf-8; jörg@x.example\nAction: failed\nStatus: 5.1.1\n"));
        var report = DeliveryStatusReport.TryRead(Eml.Parse($"Content-Type: multipart/report; boundary=b\n\n--b\n\nhi\n--b\nContent-Type: message/global-delivery-status; charset=utf-8\nContent-Transfer-Encoding: base64\n\n{body}\n--b--\n"));
        Assert.Equal("jörg@x.example", Assert.Single(report!.Recipients).FinalRecipient);
    }

    [Fact]
    public void A_status_part_of_the_wrong_type_is_found_in_a_report() =>
        Assert.Single(ReadStatus("Final-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 5.1.1\n", "text/plain").Recipients);

    [Fact]
    public void A_status_part_in_a_plain_multipart_is_found() =>
        Assert.NotNull(DeliveryStatusReport.TryRead(Eml.Parse("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhi\n--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@x.example\nAction: failed\n--b--\n")));

    [Fact]
    public void An_unindented_diagnostic_goes_on_with_the_line_before()
    {
        var recipient = Assert.Single(ReadStatus("Final-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550-The account\n550 5.1.1 does not exist: sorry\n").Recipients);
        Assert.Equal("550-The account 550 5.1.1 does not exist: sorry", recipient.DiagnosticCode);
        Assert.Equal(new EnhancedStatusCode(5, 1, 1), recipient.Status);
    }

    [Fact]
    public void A_forwarded_notification_is_not_the_forwarders_own() =>
        Assert.Null(DeliveryStatusReport.TryRead(Eml.Parse("From: a@x.example\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nLook at this.\n--c\nContent-Type: message/rfc822\n\n" + Postfix + "\n--c--\n")));

    [Fact]
    public void Ordinary_mail_is_no_report() =>
        Assert.Null(BounceReader.Read(Eml.Parse("From: a@x.example\nTo: b@y.example\nSubject: Lunch\n\nFinal-Recipient: rfc822; a@x.example\n")));

    private static DeliveryStatusReport Read(string text) => DeliveryStatusReport.TryRead(Eml.Parse(text)) ?? throw new InvalidOperationException("not read");

    private static DeliveryStatusReport ReadStatus(string fields, string type = "message/delivery-status") =>
        Read($"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nhi\n--b\nContent-Type: {type}\n\n{fields}--b--\n");
}
