using System.IO.Compression;
using System.Text;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Api.Dmarc;

/// <summary>Contract section 15: aggregate reports by API.</summary>
public abstract class DmarcTests(Engine engine) : ServerTests(engine)
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private static string NewDomain() => $"d{Guid.NewGuid():N}"[..12] + ".example";

    internal static byte[] Xml(string domain, string reportId, string policy = "<p>reject</p><sp>none</sp><adkim>s</adkim><pct>50</pct>") => Encoding.UTF8.GetBytes(
        $"""
        <?xml version="1.0"?>
        <feedback xmlns="http://dmarc.org/dmarc-xml/0.1">
          <report_metadata><org_name>Reporter Inc</org_name><email>dmarc@reporter.example</email><report_id>{reportId}</report_id>
            <date_range><begin>{Now.AddDays(-2).ToUnixTimeSeconds()}</begin><end>{Now.AddDays(-1).ToUnixTimeSeconds()}</end></date_range></report_metadata>
          <policy_published><domain>{domain}</domain>{policy}</policy_published>
          <record><row><source_ip>192.0.2.1</source_ip><count>9</count>
            <policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>fail</spf></policy_evaluated></row>
            <identifiers><header_from>{domain}</header_from></identifiers>
            <auth_results><dkim><domain>{domain}</domain><selector>s1</selector><result>pass</result></dkim><spf><domain>bounce.{domain}</domain><result>fail</result></spf></auth_results></record>
          <record><row><source_ip>198.51.100.7</source_ip><count>3</count>
            <policy_evaluated><disposition>reject</disposition><dkim>fail</dkim><spf>fail</spf></policy_evaluated></row>
            <identifiers><header_from>{domain}</header_from></identifiers><auth_results><spf><domain>evil.example</domain><result>pass</result></spf></auth_results></record>
        </feedback>
        """);

    internal static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(bytes);
        return packed.ToArray();
    }

    private static byte[] Zip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var archive = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        using (var entry = archive.CreateEntry("reporter!example!1!2.xml").Open())
            entry.Write(bytes);
        return packed.ToArray();
    }

    private Task<ApiAnswer> SubmitAsync(byte[] body, string query = "") => Api.SendAsync(HttpMethod.Post, "/v1/dmarc/reports" + query, body);

    [Fact]
    public async Task A_report_is_read_whatever_it_is_packed_in_and_called()
    {
        var domain = NewDomain();
        var xml = Xml(domain, "one");
        foreach (var body in (byte[][])[xml, Gzip(xml), Zip(xml)])
        {
            var data = (await SubmitAsync(body)).Expect(201).Data;
            Assert.StartsWith("dmarc_", (string)data["id"]!, StringComparison.Ordinal);
            Assert.Equal(("one", domain, "Reporter Inc"), ((string)data["report_id"]!, (string)data["domain"]!, (string)data["org_name"]!));
            Assert.Equal((2, 12), ((int)data["record_count"]!, (int)data["total_messages"]!));
        }
        // The content type of XML beside bytes that are not: what is in it decides.
        (await Api.SendAsync(HttpMethod.Post, "/v1/dmarc/reports", Encoding.UTF8.GetString(xml))).Expect(201);

        var report = Assert.Single((await Api.GetAsync($"/v1/dmarc/reports?domain={domain.ToUpperInvariant()}")).Expect(200).List);
        Assert.Equal("Reporter Inc", (string)report["reporterOrg"]!);
        Assert.Equal((string)report["date_begin"]!, (string)report["dateRangeBegin"]!);
        Assert.Equal((string)report["date_end"]!, (string)report["dateRangeEnd"]!);
        Assert.Equal((2, 2), ((int)report["record_count"]!, (int)report["recordCount"]!));
        Assert.Equal(("s", "r", "reject", "none", 50), ((string)report["policy"]!["adkim"]!, (string)report["policy"]!["aspf"]!,
            (string)report["policy"]!["p"]!, (string)report["policy"]!["sp"]!, (int)report["policy"]!["pct"]!));
        var row = report["records"]![0]!;
        Assert.Equal(("192.0.2.1", 9, "none", "pass", "fail"), ((string)row["source_ip"]!, (int)row["count"]!, (string)row["disposition"]!,
            (string)row["dkim_result"]!, (string)row["spf_result"]!));
        Assert.Equal((domain, domain, "s1", "bounce." + domain), ((string)row["header_from"]!, (string)row["dkim_domain"]!,
            (string)row["dkim_selector"]!, (string)row["spf_domain"]!));
    }

    [Fact]
    public async Task The_summary_counts_messages()
    {
        var domain = NewDomain();
        (await SubmitAsync(Xml(domain, "a"))).Expect(201);
        (await SubmitAsync(Xml(domain, "b"))).Expect(201);
        var data = (await Api.GetAsync($"/v1/dmarc/summary?domain={domain}")).Expect(200).Data;
        Assert.Equal((30, 2, 24, 18, 6), ((int)data["days"]!, (int)data["report_count"]!, (int)data["total_messages"]!, (int)data["pass_count"]!, (int)data["fail_count"]!));
        Assert.Equal((0.75, 18, 0, 6), ((double)data["pass_rate"]!, (int)data["dkim_pass"]!, (int)data["spf_pass"]!, (int)data["policy_overrides"]!));
        Assert.Equal(("192.0.2.1", 18, 18), ((string)data["top_sources"]![0]!["ip"]!, (int)data["top_sources"]![0]!["count"]!, (int)data["top_sources"]![0]!["pass"]!));
        Assert.NotNull((string?)data["period"]!["begin"]);

        var none = (await Api.GetAsync($"/v1/dmarc/summary?domain={NewDomain()}&days=9999")).Expect(200).Data;
        Assert.Equal((365, 0, 0, 0.0), ((int)none["days"]!, (int)none["report_count"]!, (int)none["total_messages"]!, (double)none["pass_rate"]!));
    }

    [Fact]
    public async Task What_is_no_report_is_refused_with_its_reason()
    {
        (await SubmitAsync([])).ExpectError(400);
        (await SubmitAsync("hello"u8.ToArray())).ExpectError(400);
        (await SubmitAsync("{\"a\":1}"u8.ToArray())).ExpectError(400);
        (await SubmitAsync("<feedback></feedback>"u8.ToArray())).ExpectError(400);
        (await SubmitAsync(Gzip(Xml("a.example", "x"))[..50])).ExpectError(400);
        (await SubmitAsync("<!DOCTYPE feedback [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><feedback>&x;</feedback>"u8.ToArray())).ExpectError(400);
        (await SubmitAsync(Gzip(new byte[60 * 1024 * 1024]))).ExpectError(413);
        (await SubmitAsync(new byte[11 * 1024 * 1024])).ExpectError(413);
        (await Api.GetAsync("/v1/dmarc/reports")).ExpectError(400);
        (await Api.GetAsync("/v1/dmarc/summary")).ExpectError(400);
        (await Api.GetAsync("/v1/dmarc/reports?domain=a.example&cursor=?")).ExpectError(400);
    }

    [Fact]
    public async Task A_report_for_a_domain_of_ours_must_be_about_it()
    {
        (await SubmitAsync(Xml("other.example", "x"), $"?domain_id={Server.OwnDomainId}")).ExpectError(400);
        (await SubmitAsync(Xml(SharedServer.OwnDomain, "x"), "?domain_id=d_unknown")).ExpectError(404);
        (await SubmitAsync(Xml(SharedServer.OwnDomain, "x"), $"?domainId={Server.OwnDomainId}")).Expect(201);
        (await SubmitAsync(Xml(SharedServer.OwnDomain, "y"))).Expect(201);
        Assert.All((await Api.GetAsync($"/v1/dmarc/reports?domain={SharedServer.OwnDomain}")).Expect(200).List,
            report => Assert.Equal(Server.OwnDomainId, (string)report["domain_id"]!));
    }

    [Fact]
    public async Task Lists_page_and_are_the_callers_own()
    {
        var domain = NewDomain();
        for (var i = 0; i < 3; i++)
            (await SubmitAsync(Xml(domain, $"r{i}"))).Expect(201);
        var first = (await Api.GetAsync($"/v1/dmarc/reports?domain={domain}&limit=2")).Expect(200);
        Assert.Equal(2, first.List.Count);
        var second = (await Api.GetAsync($"/v1/dmarc/reports?domain={domain}&limit=2&cursor={first.NextCursor}")).Expect(200);
        Assert.Single(second.List);
        Assert.Null(second.NextCursor);
        Assert.Empty((await Server.Other.GetAsync($"/v1/dmarc/reports?domain={domain}")).Expect(200).List);
        (await Server.Other.SendAsync(HttpMethod.Post, $"/v1/dmarc/reports?domain_id={Server.OwnDomainId}", Xml(SharedServer.OwnDomain, "z"))).ExpectError(404);
    }

    [Fact]
    public async Task Scopes_are_checked()
    {
        (await Server.Scoped("domains:read").SendAsync(HttpMethod.Post, "/v1/dmarc/reports", Xml(NewDomain(), "x"))).ExpectError(403);
        (await Server.Scoped("domains:write").SendAsync(HttpMethod.Post, "/v1/dmarc/reports", Xml(NewDomain(), "x"))).Expect(201);
        (await Server.Scoped("domains:write").GetAsync("/v1/dmarc/reports?domain=a.example")).ExpectError(403);
        (await Server.Scoped("domains:write").GetAsync("/v1/dmarc/summary?domain=a.example")).ExpectError(403);
        (await Server.Scoped("domains:read").GetAsync("/v1/dmarc/summary?domain=a.example")).Expect(200);
    }
}

public sealed class SqliteDmarcTests(SqliteEngine engine) : DmarcTests(engine);

public sealed class PostgresDmarcTests(PostgresEngine engine) : DmarcTests(engine);
