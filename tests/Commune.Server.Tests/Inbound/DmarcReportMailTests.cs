using Commune.Server.Tests.Api.Dmarc;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Inbound;

/// <summary>Aggregate reports that are mailed to the address which the issued DMARC record names.</summary>
public abstract class DmarcReportMailTests(Engine engine) : ServerTests(engine)
{
    private const string Address = "dmarc-reports@" + SharedServer.OwnDomain;

    private static byte[] Report(string domain, string reportId) => Letter.WithAttachment("dmarc@reporter.example", Address,
        $"Report Domain: {domain} Submitter: reporter.example Report-ID: <{reportId}>", "See the attachment.",
        $"reporter.example!{domain}!1767225600!1767312000.xml.gz", "application/gzip", DmarcTests.Gzip(DmarcTests.Xml(domain, reportId)));

    private async Task<TalkReply> MailAsync(byte[] message) => await SmtpTalk.MailAsync(Server.Program.Smtp, "dmarc@reporter.example", Address, message);

    [Fact]
    public async Task A_report_gives_the_same_numbers_by_mail_and_by_API()
    {
        var (mailed, submitted) = ($"m{Guid.NewGuid():N}", $"s{Guid.NewGuid():N}");
        (await MailAsync(Report(SharedServer.OwnDomain, mailed))).Expect(250);
        // The reporter repeats what it got no answer to.
        (await MailAsync(Report(SharedServer.OwnDomain, mailed))).Expect(250);
        (await Api.SendAsync(HttpMethod.Post, "/v1/dmarc/reports", DmarcTests.Xml(SharedServer.OwnDomain, submitted))).Expect(201);

        var reports = (await Api.GetAsync($"/v1/dmarc/reports?domain={SharedServer.OwnDomain}&limit=200")).Expect(200).List;
        var byMail = Assert.Single(reports, r => (string)r["report_id"]! == mailed);
        var byApi = Assert.Single(reports, r => (string)r["report_id"]! == submitted);
        Assert.Equal(Server.OwnDomainId, (string)byMail["domain_id"]!);
        Assert.Equal(byApi["records"]!.ToJsonString(), byMail["records"]!.ToJsonString());
        Assert.Equal((int)byApi["total_messages"]!, (int)byMail["total_messages"]!);
    }

    [Fact]
    public async Task What_is_no_report_about_the_domain_is_refused_in_the_dialogue()
    {
        (await MailAsync(Letter.Plain("kim@example.com", Address, "Hello", "no report"))).Expect(550);
        Assert.Contains("not about", (await MailAsync(Report("other.example", "x"))).Expect(550).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_domain_that_is_not_verified_has_no_such_address()
    {
        var name = $"x{Guid.NewGuid():N}"[..16] + ".example";
        (await Api.PostAsync("/v1/domains", new { name })).Expect(201);
        await using var talk = await SmtpTalk.GreetAsync(Server.Program.Smtp);
        (await talk.CommandAsync("MAIL FROM:<dmarc@reporter.example>")).Expect(250);
        (await talk.CommandAsync($"RCPT TO:<dmarc-reports@{name}>")).Expect(550);
    }
}

public sealed class SqliteDmarcReportMailTests(SqliteEngine engine) : DmarcReportMailTests(engine);

public sealed class PostgresDmarcReportMailTests(PostgresEngine engine) : DmarcReportMailTests(engine);
