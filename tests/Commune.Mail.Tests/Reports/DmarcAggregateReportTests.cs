using Commune.Mail.Reports;

namespace Commune.Mail.Tests.Reports;

public sealed class DmarcAggregateReportTests
{
    [Fact]
    public void A_report_of_Google_is_read()
    {
        var report = Read(DmarcXml.Google);
        Assert.Equal("7101", report.ReportId);
        Assert.Equal("google.com", report.OrgName);
        Assert.Equal("noreply-dmarc-support@google.com", report.Email);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1763596800), report.Begin);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1763683199), report.End);
        Assert.Equal(new DmarcPublishedPolicy("ours.example", "s", "r", "reject", "quarantine", 50), report.Policy);
        Assert.Equal(15, report.TotalMessages);
        var (first, second) = (report.Records[0], report.Records[1]);
        Assert.Equal(("192.0.2.1", 12L, "none", "pass", "pass", "ours.example"), (first.SourceIp, first.Count, first.Disposition, first.Dkim, first.Spf, first.HeaderFrom));
        Assert.Equal(("ours.example", "s1", "bounce.ours.example"), (first.DkimDomain, first.DkimSelector, first.SpfDomain));
        Assert.Equal(2, first.DkimResults.Count);
        Assert.Equal(("2001:db8::5", "quarantine", "fail", "fail"), (second.SourceIp, second.Disposition, second.Dkim, second.Spf));
        Assert.Equal([new DmarcOverrideReason("mailing_list", "arc=pass"), new DmarcOverrideReason("local_policy", null)], second.Reasons);
        Assert.Equal(("gmail.com", "x.example"), (second.EnvelopeTo, second.EnvelopeFrom));
        Assert.Equal(new DmarcSpfResult("x.example", "mfrom", "softfail"), Assert.Single(second.SpfResults));
        Assert.Null(second.DkimDomain);
    }

    [Fact]
    public void A_report_of_Microsoft_with_attributes_and_empty_elements_is_read()
    {
        var report = Read(DmarcXml.Microsoft);
        var record = Assert.Single(report.Records);
        Assert.Equal(("pass", "fail", "s1"), (record.Dkim, record.Spf, record.DkimSelector));
        Assert.Equal("0", report.Policy.Fo);
        Assert.Equal("none", Assert.Single(record.SpfResults).Result);
    }

    [Fact]
    public void A_report_in_a_namespace_and_in_any_order_is_read_with_defaults()
    {
        var report = Read(DmarcXml.Yahoo);
        Assert.Equal(new DmarcPublishedPolicy("ours.example", "r", "r", "quarantine", "quarantine", 100), report.Policy);
        var record = Assert.Single(report.Records);
        Assert.Equal(("192.0.2.8", 7L, "fail", "pass", "ours.example"), (record.SourceIp, record.Count, record.Dkim, record.Spf, record.HeaderFrom));
    }

    [Fact]
    public void A_report_of_Fastmail_with_human_results_is_read()
    {
        var report = Read(DmarcXml.Fastmail);
        Assert.Equal(new DmarcPublishedPolicy("ours.example", "r", "s", "quarantine", "reject", 100, "1:d:s"), report.Policy);
        var record = Assert.Single(report.Records);
        Assert.Equal(("reject", "ours.example", "old", "x.example"), (record.Disposition, record.DkimDomain, record.DkimSelector, record.SpfDomain));
        Assert.Equal("fail (body has been altered)", Assert.Single(record.DkimResults).HumanResult);
    }

    [Fact]
    public void A_report_of_Amazon_SES_with_several_SPF_results_is_read()
    {
        var report = Read(DmarcXml.AmazonSes);
        Assert.Equal(new DmarcPublishedPolicy("ours.example", "r", "r", "none", "none", 100), report.Policy);
        var record = Assert.Single(report.Records);
        Assert.Equal((9L, "ours.example", "ours.example", "ours.example"), (record.Count, record.HeaderFrom, record.SpfDomain, record.DkimDomain));
        Assert.Null(record.DkimSelector);
        Assert.Equal(2, record.SpfResults.Count);
    }

    [Fact]
    public void Unknown_elements_are_passed_over_with_all_they_hold()
    {
        var report = Read(DmarcXml.MailRu);
        Assert.Equal("Mail.Ru", report.OrgName);
        Assert.Equal("55@mail.ru", report.ReportId);
        Assert.Equal("ours.example", report.Policy.Domain);
        var record = Assert.Single(report.Records);
        Assert.Equal(("192.0.2.9", 2L, "pass"), (record.SourceIp, record.Count, record.Dkim));
    }

    [Fact]
    public void Gzip_zip_and_XML_are_told_apart_by_their_bytes()
    {
        var xml = DmarcXml.Bytes(DmarcXml.Google);
        Assert.Equal("7101", DmarcAggregateReport.Read(DmarcXml.Gzip(xml)).Report?.ReportId);
        Assert.Equal("7101", DmarcAggregateReport.Read(DmarcXml.Zip(("a!b!1!2.xml", xml))).Report?.ReportId);
        Assert.Equal("7101", DmarcAggregateReport.Read(DmarcXml.Zip(("a.xml.gz", DmarcXml.Gzip(xml)))).Report?.ReportId);
        Assert.Equal("7101", DmarcAggregateReport.Read(new MemoryStream(xml)).Report?.ReportId);
    }

    [Fact]
    public async Task A_stream_is_read_asynchronously() =>
        Assert.Equal("7101", (await DmarcAggregateReport.ReadAsync(new MemoryStream(DmarcXml.Gzip(DmarcXml.Bytes(DmarcXml.Google))))).Report?.ReportId);

    [Fact]
    public void A_zip_with_what_a_Mac_adds_is_read() =>
        Assert.NotNull(DmarcAggregateReport.Read(DmarcXml.Zip(("folder/", []), ("folder/r.xml", DmarcXml.Bytes(DmarcXml.Google)), ("__MACOSX/folder/._r.xml", [1, 2]))).Report);

    [Fact]
    public void A_byte_order_mark_and_a_line_break_before_the_declaration_do_not_matter()
    {
        Assert.NotNull(DmarcAggregateReport.Read(DmarcXml.Bytes("\r\n " + DmarcXml.Google)).Report);
        Assert.NotNull(DmarcAggregateReport.Read(DmarcXml.Bytes("\uFEFF" + DmarcXml.Google)).Report);
    }

    [Theory]
    [InlineData("-5", 0)]
    [InlineData("99999999999999999999999", int.MaxValue)]
    [InlineData("many", 0)]
    [InlineData("", 0)]
    public void Counts_out_of_range_are_bounded(string count, long expected) =>
        Assert.Equal(expected, Read(DmarcXml.Google.Replace("<count>12</count>", $"<count>{count}</count>")).Records[0].Count);

    [Theory]
    [InlineData("500", 100)]
    [InlineData("-1", 0)]
    [InlineData("", 100)]
    [InlineData("50%", 50)]
    public void A_percentage_out_of_range_is_bounded(string pct, int expected) =>
        Assert.Equal(expected, Read(DmarcXml.Google.Replace("<pct>50</pct>", $"<pct>{pct}</pct>")).Policy.Pct);

    [Theory]
    [InlineData("2025-11-20T00:00:00Z")]
    [InlineData("1763596800.0")]
    [InlineData("1763596800000")]
    public void Times_are_read_in_the_spellings_seen(string begin) =>
        Assert.Equal(1763596800, Read(DmarcXml.Google.Replace("1763596800", begin)).Begin.ToUnixTimeSeconds());

    [Fact]
    public void Begin_and_end_in_the_wrong_order_are_turned_round() =>
        Assert.Equal(1763683199, Read(DmarcXml.Google.Replace("<begin>1763596800</begin><end>1763683199</end>", "<begin>1763683199</begin><end>1763596800</end>")).End.ToUnixTimeSeconds());

    [Theory]
    [InlineData("<report_id>7101</report_id>", "", "report_id")]
    [InlineData("<domain>Ours.example</domain>", "", "domain")]
    [InlineData("<date_range><begin>1763596800</begin><end>1763683199</end></date_range>", "", "date_range")]
    [InlineData("</feedback>", "", "well-formed")]
    [InlineData("feedback>", "report>", "root element")]
    public void What_a_report_cannot_do_without_is_named(string text, string instead, string reason)
    {
        var result = DmarcAggregateReport.Read(DmarcXml.Bytes(DmarcXml.Google.Replace(text, instead)));
        Assert.Equal(DmarcReportFailure.NotAReport, result.Failure);
        Assert.Contains(reason, result.Reason, StringComparison.Ordinal);
    }

    private static DmarcAggregateReport Read(string xml)
    {
        var result = DmarcAggregateReport.Read(DmarcXml.Bytes(xml));
        Assert.Null(result.Reason);
        return result.Report!;
    }
}
