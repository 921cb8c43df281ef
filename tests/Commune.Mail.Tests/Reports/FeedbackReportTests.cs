using System.Net;
using Commune.Mail.Reports;
using Commune.Mail.Tests.Mime;

namespace Commune.Mail.Tests.Reports;

public sealed class FeedbackReportTests
{
    [Fact]
    public void A_complaint_is_read_with_all_its_fields()
    {
        var report = Arf("""
            Feedback-Type: abuse
            User-Agent: SomeGenerator/1.0
            Version: 1
            Original-Mail-From: <bounce@ours.example>
            Original-Rcpt-To: <one@there.example>
            Original-Rcpt-To: two@there.example
            Arrival-Date: Fri, 20 Nov 2026 10:00:00 GMT
            Source-IP: 192.0.2.1
            Reported-Domain: OURS.example
            Reported-URI: https://ours.example/x
            Authentication-Results: mx.there.example;
             spf=pass smtp.mailfrom=ours.example
            Incidents: 3
            Original-Envelope-Id: env-9
            """);
        Assert.Equal("abuse", report.FeedbackType);
        Assert.Equal("1", report.Version);
        Assert.Equal("SomeGenerator/1.0", report.UserAgent);
        Assert.Equal("bounce@ours.example", report.OriginalMailFrom);
        Assert.Equal(["one@there.example", "two@there.example"], report.OriginalRcptTo);
        Assert.Equal(new DateTimeOffset(2026, 11, 20, 10, 0, 0, TimeSpan.Zero), report.ArrivalDate);
        Assert.Equal(IPAddress.Parse("192.0.2.1"), report.SourceIp);
        Assert.Equal(["ours.example"], report.ReportedDomains);
        Assert.Equal(["https://ours.example/x"], report.ReportedUris);
        Assert.Equal("mx.there.example; spf=pass smtp.mailfrom=ours.example", Assert.Single(report.AuthenticationResults));
        Assert.Equal(3, report.Incidents);
        Assert.Equal("env-9", report.OriginalEnvelopeId);
        Assert.Equal("<one@ours.example>", report.OriginalMessageId);
        Assert.Null(report.Failure);
    }

    [Fact]
    public void An_authentication_failure_has_the_fields_of_RFC_6591()
    {
        var failure = Arf("Feedback-Type: auth-failure\nAuth-Failure: bodyhash\nDelivery-Result: reject\nIdentity-Alignment: none\nDKIM-Domain: Ours.example\nDKIM-Identity: @ours.example\nDKIM-Selector: s1\nSPF-DNS: txt : ours.example : \"v=spf1 -all\"").Failure!;
        Assert.Equal("bodyhash", failure.AuthFailure);
        Assert.Equal("reject", failure.DeliveryResult);
        Assert.Equal("none", failure.IdentityAlignment);
        Assert.Equal("ours.example", failure.DkimDomain);
        Assert.Equal("@ours.example", failure.DkimIdentity);
        Assert.Equal("s1", failure.DkimSelector);
        Assert.StartsWith("txt", failure.SpfDns, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Source-IP: [2001:db8::1]", "2001:db8::1")]
    [InlineData("Source-IP: IPv6:2001:db8::1", "2001:db8::1")]
    [InlineData("Source-IP: 192.0.2.1 (mail.ours.example)", "192.0.2.1")]
    [InlineData("Source-IP: 7", null)]
    public void The_source_address_is_read_in_every_spelling(string field, string? address) =>
        Assert.Equal(address, Arf("Feedback-Type: abuse\n" + field).SourceIp?.ToString());

    [Theory]
    [InlineData("0", 1)]
    [InlineData("-4", 1)]
    [InlineData("12", 12)]
    [InlineData("99999999999999999999", int.MaxValue)]
    public void Incidents_out_of_range_are_bounded(string text, int expected) =>
        Assert.Equal(expected, Arf($"Feedback-Type: abuse\nIncidents: {text}").Incidents);

    [Fact]
    public void The_null_sender_is_told_from_a_missing_one()
    {
        Assert.Equal("", Arf("Feedback-Type: abuse\nOriginal-Mail-From: <>").OriginalMailFrom);
        Assert.Null(Arf("Feedback-Type: abuse").OriginalMailFrom);
    }

    [Fact]
    public void A_report_part_of_type_text_plain_is_found_where_a_report_is_announced() =>
        Assert.Equal("fraud", Arf("Feedback-Type: fraud", "text/plain").FeedbackType);

    [Fact]
    public void The_junk_mail_report_of_Hotmail_is_a_complaint()
    {
        var report = FeedbackReport.TryRead(Eml.Parse("""
            From: staff@hotmail.com
            To: abuse@ours.example
            Subject: complaint about message from 192.0.2.1
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary="b"

            --b
            Content-Type: message/rfc822
            Content-Disposition: inline

            X-HmXmrOriginalRecipient: reader@hotmail.example
            Return-Path: <bounce@ours.example>
            From: Agent <agent@ours.example>
            To: reader@hotmail.example
            Message-ID: <two@ours.example>

            Hello.
            --b--
            """))!;
        Assert.Equal("abuse", report.FeedbackType);
        Assert.Equal(["reader@hotmail.example"], report.OriginalRcptTo);
        Assert.Equal("192.0.2.1", report.SourceIp!.ToString());
        Assert.Equal("<two@ours.example>", report.OriginalMessageId);
        Assert.Equal("bounce@ours.example", report.OriginalMailFrom);
    }

    [Fact]
    public void A_complaint_of_Yahoo_without_ARF_is_read_from_the_copy()
    {
        var report = FeedbackReport.TryRead(Eml.Parse("From: Yahoo! Mail AntiSpam Feedback <feedback@arf.mail.yahoo.com>\nTo: abuse@ours.example\nSubject: FW: Hello\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nThis is an email abuse report for an email message received from 192.0.2.1\n--b\nContent-Type: message/rfc822\n\nFrom: agent@ours.example\nTo: reader@yahoo.example\nMessage-ID: <three@ours.example>\n\nHi\n--b--\n"))!;
        Assert.Equal(["reader@yahoo.example"], report.OriginalRcptTo);
        Assert.Equal("<three@ours.example>", report.OriginalMessageId);
    }

    [Fact]
    public void A_forwarded_mail_is_no_complaint() =>
        Assert.Null(FeedbackReport.TryRead(Eml.Parse("From: a@x.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nThis is an email abuse report, is it not?\n--b\nContent-Type: message/rfc822\n\nFrom: agent@ours.example\nMessage-ID: <three@ours.example>\n\nHi\n--b--\n")));

    private static FeedbackReport Arf(string fields, string type = "message/feedback-report") =>
        FeedbackReport.TryRead(Eml.Parse($"From: feedback@there.example\nTo: abuse@ours.example\nSubject: FW: Hi\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\nA complaint.\n--b\nContent-Type: {type}\n\n{fields}\n\n--b\nContent-Type: message/rfc822\n\nFrom: agent@ours.example\nMessage-ID: <one@ours.example>\n\nHi\n--b--\n"))
        ?? throw new InvalidOperationException("not read");
}
