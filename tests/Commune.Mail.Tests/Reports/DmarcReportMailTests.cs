using Commune.Mail.Reports;
using Commune.Mail.Tests.Mime;

namespace Commune.Mail.Tests.Reports;

public sealed class DmarcReportMailTests
{
    private const string Subject = "Report Domain: ours.example Submitter: there.example Report-ID: <7101>";
    private const string Name = "there.example!ours.example!1763596800!1763683199";

    [Theory]
    [InlineData("application/gzip", ".xml.gz", true)]
    [InlineData("application/octet-stream", ".xml.gz", true)]
    [InlineData("application/zip", ".zip", false)]
    [InlineData("application/x-zip-compressed", ".zip", false)]
    [InlineData("image/png", ".zip", false)]
    public void An_attachment_is_found_by_its_name_or_the_subject(string type, string extension, bool gzip)
    {
        var xml = DmarcXml.Bytes(DmarcXml.Google);
        var packed = gzip ? DmarcXml.Gzip(xml) : DmarcXml.Zip((Name + ".xml", xml));
        foreach (var (subject, name) in new[] { (Subject, "report" + extension), ("Report", Name + extension) })
        {
            var found = DmarcReportMail.Find(Mail(subject, type, name, packed));
            Assert.NotNull(found);
            Assert.Equal("7101", DmarcAggregateReport.Read(found.Content).Report?.ReportId);
        }
    }

    [Theory]
    [InlineData("text/xml")]
    [InlineData("application/xml")]
    public void Plain_XML_is_known_by_its_root(string type) =>
        Assert.NotNull(DmarcReportMail.Find(Mail("Report", type, "report.xml", DmarcXml.Bytes(DmarcXml.Yahoo))));

    [Fact]
    public void A_mail_that_is_nothing_but_the_attachment_is_found()
    {
        var body = Convert.ToBase64String(DmarcXml.Gzip(DmarcXml.Bytes(DmarcXml.Google)));
        Assert.NotNull(DmarcReportMail.Find(Eml.Parse($"Subject: {Subject}\nContent-Type: application/gzip; name=\"{Name}.xml.gz\"\nContent-Transfer-Encoding: base64\n\n{body}\n")));
    }

    [Fact]
    public void Any_other_archive_is_no_report() =>
        Assert.Null(DmarcReportMail.Find(Mail("Holiday pictures", "application/zip", "pictures.zip", DmarcXml.Zip(("a.png", [1])))));

    [Fact]
    public void A_TLS_report_is_no_DMARC_report() =>
        Assert.Null(DmarcReportMail.Find(Mail(Subject, "application/gzip", Name + ".json.gz", DmarcXml.Gzip([1]))));

    [Fact]
    public void Any_other_XML_is_no_report() =>
        Assert.Null(DmarcReportMail.Find(Mail(Subject, "text/xml", "r.xml", DmarcXml.Bytes("<invoice/>"))));

    private static Commune.Mail.Mime.MimeMessage Mail(string subject, string type, string name, byte[] content) =>
        Eml.Parse($"From: dmarc@there.example\nSubject: {subject}\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nA report.\n--b\nContent-Type: {type}\nContent-Disposition: attachment; filename=\"{name}\"\nContent-Transfer-Encoding: base64\n\n{Convert.ToBase64String(content)}\n--b--\n");
}
