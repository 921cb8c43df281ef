using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

public abstract class DmarcCompliance(Engine engine) : StoreCompliance(engine)
{
    private static readonly DmarcRow Passing = new("192.0.2.1", 7, "none", "pass", "fail", "example.org", "example.org", "s1", "bounce.example.org");
    private static readonly DmarcRow Failing = new("2001:db8::1", 3, "reject", "fail", "fail", "example.org", null, null, null);

    private DmarcReport Report(Tenant tenant, string reportId, params DmarcRow[] rows) => new(
        tenant.OrgId, EntityId.New("dmarc_"), reportId, "Reporter Inc", "dmarc@reporter.example", "example.org", null, Now - 86_400_000, Now - 1000,
        new DmarcPolicy("example.org", "r", "s", "reject", "none", 50), rows, Now);

    [Fact]
    public async Task A_report_comes_back_whole_and_in_its_order()
    {
        var tenant = await NewTenantAsync();
        var report = Report(tenant, "r1", Failing, Passing, Failing with { Count = 1 });
        Assert.Equal(report.Id, await Store.Dmarc.SaveAsync(report, Cancel));
        var found = Assert.Single((await Store.Dmarc.ListAsync(tenant.OrgId, "example.org", 10, null, Cancel)).Items);
        Assert.Equal(report.Rows, found.Rows);
        Assert.Equal(report with { Rows = found.Rows }, found);
        Assert.Equal(11, found.TotalMessages);
    }

    [Fact]
    public async Task The_same_report_again_takes_the_place_of_the_first()
    {
        var tenant = await NewTenantAsync();
        var first = Report(tenant, "r1", Passing, Failing);
        await Store.Dmarc.SaveAsync(first, Cancel);
        Time.Advance(TimeSpan.FromMinutes(1));
        var second = Report(tenant, "r1", Failing) with { OrgName = "Renamed" };
        Assert.Equal(first.Id, await Store.Dmarc.SaveAsync(second, Cancel));

        var found = Assert.Single((await Store.Dmarc.ListAsync(tenant.OrgId, "example.org", 10, null, Cancel)).Items);
        Assert.Equal(("Renamed", 1, second.ReceivedAt), (found.OrgName, found.Rows.Count, found.ReceivedAt));
        Assert.Equal(1, (await Store.Dmarc.SummariseAsync(tenant.OrgId, "example.org", 0, Now, 10, Cancel)).Reports);
    }

    [Fact]
    public async Task A_report_that_comes_in_at_many_places_at_once_is_kept_once()
    {
        var tenant = await NewTenantAsync();
        var ids = await AllAtOnceAsync(8, i => Node(i).Dmarc.SaveAsync(Report(tenant, "r1", Passing, Failing), Cancel));
        Assert.Single(ids.Distinct());
        Assert.Equal(2, Assert.Single((await Store.Dmarc.ListAsync(tenant.OrgId, "example.org", 10, null, Cancel)).Items).Rows.Count);
    }

    [Fact]
    public async Task Reports_page_by_receipt_the_newest_first()
    {
        var tenant = await NewTenantAsync();
        for (var i = 0; i < 7; i++)
        {
            await Store.Dmarc.SaveAsync(Report(tenant, $"r{i}", Passing), Cancel);
            if (i % 2 == 0)
                Time.Advance(TimeSpan.FromSeconds(1));
        }
        List<string> seen = [];
        PageCursor? cursor = null;
        do
        {
            var page = await Store.Dmarc.ListAsync(tenant.OrgId, "example.org", 2, cursor, Cancel);
            seen.AddRange(page.Items.Select(r => r.ReportId));
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.Equal(7, seen.Distinct().Count());
        Assert.Equal("r0", seen[^1]);
        Assert.Contains(seen[0], (string[])["r5", "r6"]);
    }

    [Fact]
    public async Task A_summary_counts_messages_of_the_reports_that_end_in_its_time()
    {
        var tenant = await NewTenantAsync();
        await Store.Dmarc.SaveAsync(Report(tenant, "in", Passing, Failing, Passing with { DkimResult = "fail", SpfResult = "pass", Count = 5 }), Cancel);
        await Store.Dmarc.SaveAsync(Report(tenant, "empty"), Cancel);
        await Store.Dmarc.SaveAsync(Report(tenant, "out", Passing) with { End = Now - 100_000_000 }, Cancel);
        await Store.Dmarc.SaveAsync(Report(tenant, "other", Passing) with { Domain = "example.net" }, Cancel);

        var summary = await Store.Dmarc.SummariseAsync(tenant.OrgId, "example.org", Now - 50_000_000, Now, 10, Cancel);
        Assert.Equal((2, 15L, 12L, 7L, 5L, 3L),
            (summary.Reports, summary.Messages, summary.Passed, summary.DkimPassed, summary.SpfPassed, summary.Overrides));
        Assert.Equal([new DmarcSource("192.0.2.1", 12, 12), new DmarcSource("2001:db8::1", 3, 0)], summary.TopSources);
        Assert.Single((await Store.Dmarc.SummariseAsync(tenant.OrgId, "example.org", 0, Now, 1, Cancel)).TopSources);
    }

    [Fact]
    public async Task Without_reports_a_summary_is_all_zeros()
    {
        var tenant = await NewTenantAsync();
        var summary = await Store.Dmarc.SummariseAsync(tenant.OrgId, "example.org", 0, Now, 10, Cancel);
        Assert.Equal((0, 0L, 0L, 0), (summary.Reports, summary.Messages, summary.Passed, summary.TopSources.Count));
    }

    [Fact]
    public async Task Reports_are_their_organisations_own()
    {
        var (tenant, other) = (await NewTenantAsync(), await NewTenantAsync());
        await Store.Dmarc.SaveAsync(Report(tenant, "r1", Passing), Cancel);
        Assert.Empty((await Store.Dmarc.ListAsync(other.OrgId, "example.org", 10, null, Cancel)).Items);
        Assert.Equal(0, (await Store.Dmarc.SummariseAsync(other.OrgId, "example.org", 0, Now, 10, Cancel)).Reports);
        await Store.Dmarc.SaveAsync(Report(other, "r1", Failing), Cancel);
        Assert.Equal(Passing, Assert.Single((await Store.Dmarc.ListAsync(tenant.OrgId, "example.org", 10, null, Cancel)).Items[0].Rows));
    }
}
