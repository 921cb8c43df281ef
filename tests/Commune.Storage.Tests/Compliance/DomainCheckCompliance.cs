using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

public abstract class DomainCheckCompliance(Engine engine) : StoreCompliance(engine)
{
    private DomainCheck Check(Domain domain, string status, long? brokenAt = null, long? nextAt = null, string records = "{}") =>
        new(domain.OrgId, domain.Id, status, records, Now, brokenAt, nextAt ?? Now + 1000);

    private async Task<Domain> NewDomainAsync(Tenant tenant) => await tenant.AddDomainAsync($"{EntityId.New("n")}.example");

    private static async Task<List<string>> DomainEventsAsync(Tenant tenant) =>
        [.. (await tenant.EventTypesAsync()).Where(type => type.StartsWith("domain.", StringComparison.Ordinal))];

    [Fact]
    public async Task A_check_sets_the_status_and_is_kept()
    {
        var tenant = await NewTenantAsync();
        var domain = await NewDomainAsync(tenant);
        Assert.Equal(new KeptDomainCheck(null, null, null), await Store.DomainChecks.GetAsync(tenant.OrgId, domain.Id, Cancel));

        Assert.Equal(DomainCheckResult.Recorded, await Store.DomainChecks.RecordAsync(Check(domain, "verified", records: "{\"a\":1}"), Cancel));
        Assert.Equal(new KeptDomainCheck("{\"a\":1}", Now, null), await Store.DomainChecks.GetAsync(tenant.OrgId, domain.Id, Cancel));
        Assert.Equal(("verified", (long?)Now), await StatusAsync(domain));
        Assert.Equal(domain.Id, (await Store.Domains.FindVerifiedAsync(domain.Name, Cancel))?.Id);

        Assert.Equal(DomainCheckResult.Recorded, await Store.DomainChecks.RecordAsync(Check(domain, "failed"), Cancel));
        Assert.Equal(("failed", null), await StatusAsync(domain));
        Assert.Null(await Store.Domains.FindVerifiedAsync(domain.Name, Cancel));
    }

    private async Task<(string, long?)> StatusAsync(Domain domain) =>
        await Store.Domains.GetAsync(domain.OrgId, domain.Id, Cancel) is { } found ? (found.Status, found.VerifiedAt) : ("gone", null);

    [Fact]
    public async Task What_happens_to_a_domain_is_told_once()
    {
        var tenant = await NewTenantAsync();
        var domain = await NewDomainAsync(tenant);
        foreach (var (status, brokenAt) in (IEnumerable<(string, long?)>)
            [("pending", null), ("verified", null), ("verified", null), ("verified", 7), ("verified", 7), ("verified", null), ("verified", 9), ("failed", null), ("pending", null)])
        {
            await Store.DomainChecks.RecordAsync(Check(domain, status, brokenAt), Cancel);
        }
        Assert.Equal(["domain.verified", "domain.broken", "domain.recovered", "domain.broken", "domain.failed"], await DomainEventsAsync(tenant));
        Assert.Contains(domain.Name, (await tenant.AllEventsAsync())[0].Data!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_another_organisation_owns_is_not_taken()
    {
        var (first, second) = (await NewTenantAsync(), await NewTenantAsync());
        var name = $"{EntityId.New("n")}.example";
        var (theirs, ours) = (await first.AddDomainAsync(name), await second.AddDomainAsync(name));
        Assert.Equal(DomainCheckResult.Recorded, await Store.DomainChecks.RecordAsync(Check(theirs, "verified"), Cancel));
        Assert.Equal(DomainCheckResult.Taken, await Store.DomainChecks.RecordAsync(Check(ours, "verified"), Cancel));
        Assert.Equal(("pending", null), await StatusAsync(ours));
        Assert.Empty(await DomainEventsAsync(second));
        Assert.Equal(DomainCheckResult.NotFound, await Store.DomainChecks.RecordAsync(Check(ours with { OrgId = first.OrgId }, "pending"), Cancel));
        Assert.Equal(DomainCheckResult.NotFound, await Store.DomainChecks.RecordAsync(Check(ours with { Id = "d_unknown" }, "pending"), Cancel));
    }

    [Fact]
    public async Task Many_that_verify_a_name_at_once_leave_it_one_owner()
    {
        var name = $"{EntityId.New("n")}.example";
        List<Domain> domains = [];
        for (var i = 0; i < 6; i++)
            domains.Add(await (await NewTenantAsync()).AddDomainAsync(name));
        var results = await AllAtOnceAsync(6, i => Node(i).DomainChecks.RecordAsync(Check(domains[i], "verified"), Cancel));
        Assert.Single(results, DomainCheckResult.Recorded);
        Assert.Equal(5, results.Count(r => r == DomainCheckResult.Taken));
    }

    [Fact]
    public async Task Domains_that_are_due_are_taken_once_and_come_back_when_nobody_checks_them()
    {
        var tenant = await NewTenantAsync();
        List<Domain> domains = [];
        for (var i = 0; i < 5; i++)
            domains.Add(await NewDomainAsync(tenant));
        Time.Advance(TimeSpan.FromHours(1));
        var taken = (await AllAtOnceAsync(4, i => Node(i).DomainChecks.ClaimDueAsync(Now, Now + 60_000, 3, Cancel))).SelectMany(d => d).ToList();
        taken.AddRange(await ClaimAllAsync());
        Assert.Equal(domains.Select(d => d.Id).Order(StringComparer.Ordinal), Own(taken).Order(StringComparer.Ordinal));

        Assert.Empty(Own(await ClaimAllAsync()));
        Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(5, Own(await ClaimAllAsync()).Count());

        IEnumerable<string> Own(IEnumerable<Domain> found) => found.Where(d => d.OrgId == tenant.OrgId).Select(d => d.Id);
    }

    [Fact]
    public async Task A_domain_that_the_operator_vouches_for_or_that_is_gone_is_not_watched()
    {
        var tenant = await NewTenantAsync();
        var (trusted, deleted) = (await NewDomainAsync(tenant), await NewDomainAsync(tenant));
        Assert.True(await Store.Domains.SetStatusAsync(tenant.OrgId, trusted.Id, "verified", Now, Cancel));
        Assert.True(await Store.Domains.DeleteAsync(tenant.OrgId, deleted.Id, Cancel));
        Assert.Null(await Store.DomainChecks.GetAsync(tenant.OrgId, trusted.Id, Cancel));
        Time.Advance(TimeSpan.FromDays(10));
        Assert.DoesNotContain(await ClaimAllAsync(), d => d.OrgId == tenant.OrgId);
    }

    /// <summary>Other facts of this class leave domains that are due too.</summary>
    private async Task<List<Domain>> ClaimAllAsync()
    {
        List<Domain> all = [];
        while (await Store.DomainChecks.ClaimDueAsync(Now, Now + 60_000, 50, Cancel) is { Count: > 0 } due)
            all.AddRange(due);
        return all;
    }
}
