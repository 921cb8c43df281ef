using Commune.Mail.AutoReply;
using Commune.Mail.Mime;
using Commune.Mail.Reports;
using Commune.Mail.Tests.Mime;
using Commune.Mail.Tests.Testing;

namespace Commune.Mail.Tests.Reports;

/// <summary>Mutations of the samples under a fixed seed and under a new one that a failure names.</summary>
public sealed class ReportFuzzTests(ITestOutputHelper output)
{
    private const int RoundsPerSample = 300;

    private static readonly string[] Splices =
    [
        "\r\n", "\n\n", ":", ";", "@", "<", ">", "(", "\0", "=?utf-8?B?", "Final-Recipient: rfc822; x@y.example\r\n", "Action: ", "Status: 5.", "\\x{D800}", "\\x{", "mailto:", "<mailto:a@b.example>",
        "550 5.1.1 ", "5.1.1.1", "--- Below this line is a copy of the message.\r\n", "Content-Type: message/rfc822\r\n\r\n", "X-Failed-Recipients: a@b.example,,@\r\n", "<record>", "</row>", "<![CDATA[", "]]>", "&#0;", "&#xD800;", "&lt;",
        "<!DOCTYPE a [", "xmlns='", "<count>-1</count>", "PK\u0003\u0004", "\u001F\u008B", "\u00FF", "Feedback-Type: ", "Source-IP: ", "Auto-Submitted: ", "Return-Path: <>\r\n",
    ];

    [Fact]
    public void Mutated_reports_are_read_without_harm()
    {
        var files = Samples("*.eml");
        Assert.True(files.Count >= 8);
        foreach (var seed in Seeds())
        {
            var random = new Random(seed);
            foreach (var file in files)
            {
                for (var round = 0; round < RoundsPerSample; round++)
                    Exhaust(MimeParser.Parse(Mutation.Of(file, files, Splices, random)));
            }
        }
    }

    [Fact]
    public void Mutated_DMARC_reports_are_read_or_refused_with_a_reason()
    {
        var xml = new[] { DmarcXml.Google, DmarcXml.Microsoft, DmarcXml.Yahoo, DmarcXml.MailRu, DmarcXml.Fastmail, DmarcXml.AmazonSes }.Select(DmarcXml.Bytes).ToList();
        List<byte[]> files = [.. xml, DmarcXml.Gzip(xml[0]), DmarcXml.Zip(("r.xml", xml[1])), DmarcXml.Zip(("r.xml.gz", DmarcXml.Gzip(xml[2])))];
        foreach (var seed in Seeds())
        {
            var random = new Random(seed);
            foreach (var file in files)
            {
                for (var round = 0; round < RoundsPerSample; round++)
                {
                    var result = DmarcAggregateReport.Read(Mutation.Of(file, files, Splices, random));
                    Assert.NotEqual(result.Report is null, result.Reason is null);
                    Assert.Equal(result.Report is null, result.Failure != DmarcReportFailure.None);
                    if (result.Report is { } report)
                        Check(report);
                }
            }
        }
    }

    /// <summary>Sizes at which anything quadratic would run for minutes.</summary>
    [Theory]
    [InlineData("a@b.example\n")]
    [InlineData("a@")]
    [InlineData("@")]
    [InlineData("<")]
    [InlineData("Final-Recipient: rfc822; a@b.example\n")]
    [InlineData("5.1.")]
    [InlineData("550 ")]
    [InlineData(" ")]
    [InlineData("mailto:")]
    public void A_megabyte_of_anything_is_read(string piece)
    {
        var much = string.Concat(Enumerable.Repeat(piece, 1024 * 1024 / piece.Length));
        Exhaust(Eml.Parse("From: MAILER-DAEMON@x.example\nSubject: failure notice\n\n" + much));
        Exhaust(Eml.Parse("Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nhi\n--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@b.example\nDiagnostic-Code: " + much + "\n--b--\n"));
    }

    private IEnumerable<int> Seeds()
    {
        yield return 20261121;
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        yield return seed;
    }

    private static void Exhaust(MimeMessage message)
    {
        if (BounceReader.Read(message) is { } bounce)
        {
            Assert.True(bounce.Recipients.Count <= 5000);
            foreach (var recipient in bounce.Recipients)
            {
                Eml.AssertText(recipient.Address + recipient.Diagnostic + recipient.Class + recipient.EnhancedCode);
                Assert.DoesNotContain('\n', recipient.Diagnostic ?? "");
                Assert.DoesNotContain('\n', recipient.Address);
                Assert.InRange(recipient.Address.Length, 1, 400);
            }
            Eml.AssertText(string.Concat(bounce.OriginalReturnPathHints) + bounce.OriginalMessageId + bounce.Original?.Subject + bounce.ReportingMta);
        }
        if (FeedbackReport.TryRead(message) is { } complaint)
            Eml.AssertText(complaint.FeedbackType + complaint.OriginalMailFrom + string.Concat(complaint.OriginalRcptTo) + complaint.OriginalMessageId);
        if (DmarcReportMail.Find(message) is { } attachment && DmarcAggregateReport.Read(attachment.Content).Report is { } report)
            Check(report);
        var verdict = AutomaticMail.Classify(message, "");
        Assert.True(verdict.MustNotBeAnswered);
        Eml.AssertText(verdict.Reason);
        Assert.True(MailLoop.Check(message.Headers, ["x.example"]).Hops >= 0);
    }

    private static void Check(DmarcAggregateReport report)
    {
        Assert.NotEmpty(report.ReportId);
        Assert.NotEmpty(report.Policy.Domain);
        Assert.True(report.Begin <= report.End);
        Assert.InRange(report.Policy.Pct, 0, 100);
        foreach (var record in report.Records)
        {
            Assert.InRange(record.Count, 0, int.MaxValue);
            Assert.True(record.Disposition is "none" or "quarantine" or "reject");
            Eml.AssertText(record.SourceIp + record.HeaderFrom + record.DkimDomain + record.DkimSelector + record.SpfDomain);
        }
    }

    private static List<byte[]> Samples(string pattern, [System.Runtime.CompilerServices.CallerFilePath] string here = "") =>
        [.. Directory.EnumerateFiles(Path.Combine(Path.GetDirectoryName(here)!, "..", "Corpus", "Reports"), pattern).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
}
