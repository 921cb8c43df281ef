using System.IO.Compression;
using System.Text;
using Commune.Mail.Reports;

namespace Commune.Mail.Tests.Reports;

public sealed class HostileDmarcReportTests
{
    [Fact]
    public void A_gigabyte_of_zeros_is_not_unpacked()
    {
        var result = DmarcAggregateReport.Read(Zeros(1024L * 1024 * 1024));
        Assert.Equal(DmarcReportFailure.TooLarge, result.Failure);
        Assert.Contains("unpacks to more than", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bomb_does_not_take_memory()
    {
        var bomb = Zeros(256L * 1024 * 1024);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(DmarcReportFailure.TooLarge, DmarcAggregateReport.Read(bomb).Failure);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200L * 1024 * 1024);
    }

    [Fact]
    public void A_zip_bomb_is_not_unpacked() =>
        Assert.Equal(DmarcReportFailure.TooLarge, DmarcAggregateReport.Read(DmarcXml.Zip(("r.xml", new byte[20 * 1024 * 1024]))).Failure);

    [Fact]
    public void A_bomb_inside_an_archive_is_measured_against_what_came_in() =>
        Assert.Equal(DmarcReportFailure.TooLarge, DmarcAggregateReport.Read(DmarcXml.Zip(("r.xml.gz", Zeros(200L * 1024 * 1024)))).Failure);

    [Fact]
    public void More_than_the_limit_is_not_read_from_a_stream()
    {
        var result = DmarcAggregateReport.Read(new MemoryStream(new byte[2000]), new DmarcReportLimits { MaxInput = 1000 });
        Assert.Equal(DmarcReportFailure.TooLarge, result.Failure);
    }

    [Fact]
    public void A_document_type_is_refused()
    {
        var laughs = new StringBuilder("<?xml version=\"1.0\"?><!DOCTYPE feedback [<!ENTITY a0 \"ha\">");
        for (var i = 1; i < 30; i++)
            laughs.Append($"<!ENTITY a{i} \"&a{i - 1};&a{i - 1};&a{i - 1};&a{i - 1};\">");
        laughs.Append("]><feedback><report_metadata><org_name>&a29;</org_name></report_metadata></feedback>");
        Assert.Equal(DmarcReportFailure.NotAReport, DmarcAggregateReport.Read(DmarcXml.Bytes(laughs.ToString())).Failure);
    }

    [Fact]
    public void An_external_entity_is_refused()
    {
        var result = DmarcAggregateReport.Read(DmarcXml.Bytes("<!DOCTYPE feedback SYSTEM \"file:///etc/passwd\" [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>" + DmarcXml.Google.Replace("<?xml version=\"1.0\" encoding=\"UTF-8\" ?>", "").Replace("google.com</org_name>", "&x;</org_name>")));
        Assert.Equal(DmarcReportFailure.NotAReport, result.Failure);
        Assert.Contains("DTD", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_nesting_is_refused()
    {
        var result = DmarcAggregateReport.Read(DmarcXml.Bytes("<feedback>" + string.Concat(Enumerable.Repeat("<a>", 500_000))));
        Assert.Contains("nested", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Records_without_number_are_refused()
    {
        var result = DmarcAggregateReport.Read(DmarcXml.Bytes("<feedback>" + string.Concat(Enumerable.Repeat("<record/>", 2000)) + "</feedback>"), new DmarcReportLimits { MaxRecords = 1000 });
        Assert.Equal(DmarcReportFailure.TooLarge, result.Failure);
    }

    [Fact]
    public void A_zip_with_two_reports_is_refused()
    {
        var xml = DmarcXml.Bytes(DmarcXml.Google);
        var result = DmarcAggregateReport.Read(DmarcXml.Zip(("a.xml", xml), ("b.xml", xml)));
        Assert.Equal(DmarcReportFailure.BrokenArchive, result.Failure);
        Assert.Contains("2 files", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_zip_is_refused() => Assert.Contains("empty", DmarcAggregateReport.Read(DmarcXml.Zip()).Reason, StringComparison.Ordinal);

    [Fact]
    public void An_encrypted_zip_is_refused()
    {
        var zip = DmarcXml.Zip(("a.xml", DmarcXml.Bytes(DmarcXml.Google)));
        // Bit 0 of the general purpose flags, in the central directory and in the local header.
        zip[6] |= 1;
        zip[zip.AsSpan().LastIndexOf("PK\u0001\u0002"u8) + 8] |= 1;
        var result = DmarcAggregateReport.Read(zip);
        Assert.Equal(DmarcReportFailure.BrokenArchive, result.Failure);
        Assert.Contains("encrypted", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Archives_inside_each_other_are_refused()
    {
        var packed = DmarcXml.Bytes(DmarcXml.Google);
        for (var i = 0; i < 3; i++)
            packed = DmarcXml.Gzip(packed);
        Assert.Equal(DmarcReportFailure.BrokenArchive, DmarcAggregateReport.Read(packed).Failure);
    }

    [Fact]
    public void A_damaged_archive_is_refused()
    {
        var gzip = DmarcXml.Gzip(DmarcXml.Bytes(DmarcXml.Google));
        gzip.AsSpan(gzip.Length / 2, 20).Fill(0xFF);
        Assert.NotNull(DmarcAggregateReport.Read(gzip).Reason);
        var zip = DmarcXml.Zip(("a.xml", DmarcXml.Bytes(DmarcXml.Google)));
        Assert.Equal(DmarcReportFailure.BrokenArchive, DmarcAggregateReport.Read(zip.AsMemory(0, zip.Length / 2)).Failure);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Hello, here is our report.")]
    [InlineData("{\"organization-name\": \"x\"}")]
    [InlineData("<?xml version=\"1.0\" encoding=\"no-such-code\"?><feedback/>")]
    [InlineData("<?xml version=\"1.0\" encoding=\"utf-16\"?><feedback/>")]
    public void What_is_no_report_is_refused_with_a_reason(string text)
    {
        var result = DmarcAggregateReport.Read(DmarcXml.Bytes(text));
        Assert.Equal(DmarcReportFailure.NotAReport, result.Failure);
        Assert.NotEmpty(result.Reason!);
    }

    private static byte[] Zeros(long length)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            var zeros = new byte[1024 * 1024];
            for (long written = 0; written < length; written += zeros.Length)
                gzip.Write(zeros);
        }
        return packed.ToArray();
    }
}
