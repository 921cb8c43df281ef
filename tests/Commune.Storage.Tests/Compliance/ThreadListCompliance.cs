using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

public abstract class ThreadListCompliance(Engine engine) : StoreCompliance(engine)
{
    private async Task<(Tenant Tenant, Inbox Inbox, List<string> Threads)> BeginAsync(int count)
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        List<string> threads = [];
        for (var i = 0; i < count; i++)
            threads.Add((await tenant.ReceiveAsync(inbox, new Letter { Subject = $"s{i}" })).ThreadId);
        return (tenant, inbox, threads);
    }

    private async Task<List<string>> IdsAsync(ThreadQuery query) => [.. (await Store.Threads.ListAsync(query, Cancel)).Items.Select(t => t.Id)];

    [Theory]
    [InlineData(SortOrder.Ascending)]
    [InlineData(SortOrder.Descending)]
    public async Task Threads_are_listed_by_their_last_message(SortOrder order)
    {
        var (tenant, inbox, threads) = await BeginAsync(3);
        var token = (await tenant.ThreadAsync(threads[0])).ReplyToken;
        await tenant.ReceiveAsync(inbox, new Letter { Token = token });
        List<string> expected = [threads[1], threads[2], threads[0]];
        if (order == SortOrder.Descending)
            expected.Reverse();
        Assert.Equal(expected, await IdsAsync(tenant.Threads(inbox, order)));
    }

    [Fact]
    public async Task A_listed_thread_is_the_thread_that_is_found_by_id()
    {
        var (tenant, inbox, threads) = await BeginAsync(1);
        await Store.Threads.ChangeTriageAsync(tenant.OrgId, threads[0], new TriageChange("waiting", true, "agent-7", ["vip"]), Now, Cancel);
        var listed = Assert.Single((await Store.Threads.ListAsync(tenant.Threads(inbox), Cancel)).Items);
        Assert.Equivalent(await tenant.ThreadAsync(threads[0]), listed, strict: true);
    }

    [Fact]
    public async Task The_last_page_has_no_cursor()
    {
        var (tenant, inbox, _) = await BeginAsync(4);
        Assert.NotNull((await Store.Threads.ListAsync(tenant.Threads(inbox, limit: 3), Cancel)).Next);
        Assert.Null((await Store.Threads.ListAsync(tenant.Threads(inbox, limit: 4), Cancel)).Next);
    }

    [Fact]
    public async Task A_domain_lists_the_threads_of_all_its_inboxes()
    {
        var (tenant, _, threads) = await BeginAsync(2);
        var other = await tenant.AddInboxAsync();
        threads.Add((await tenant.ReceiveAsync(other, new Letter())).ThreadId);
        var elsewhere = await tenant.AddInboxAsync(domain: Engine.Bootstrap.SharedDomain);
        await tenant.ReceiveAsync(elsewhere, new Letter());
        Assert.Equal(threads, await IdsAsync(tenant.Threads(order: SortOrder.Ascending)));
    }

    [Fact]
    public async Task Inbox_and_domain_must_both_match()
    {
        var (tenant, inbox, threads) = await BeginAsync(1);
        Assert.Equal(threads, await IdsAsync(tenant.Threads(inbox) with { DomainId = tenant.Domain.Id }));
        Assert.Empty(await IdsAsync(tenant.Threads(inbox) with { DomainId = Engine.Bootstrap.SharedDomain.Id }));
    }

    [Fact]
    public async Task Threads_of_the_shared_domain_are_those_of_the_organisation_that_asks()
    {
        var shared = Engine.Bootstrap.SharedDomain;
        var (one, two) = (await NewTenantAsync(), await NewTenantAsync());
        var mine = (await one.ReceiveAsync(await one.AddInboxAsync(domain: shared), new Letter())).ThreadId;
        await two.ReceiveAsync(await two.AddInboxAsync(domain: shared), new Letter());
        Assert.Equal([mine], await IdsAsync(one.Threads() with { DomainId = shared.Id }));
    }

    [Fact]
    public async Task Status_tag_and_assignee_filter_together()
    {
        var (tenant, inbox, threads) = await BeginAsync(4);
        TriageChange[] changes =
        [
            new("waiting", true, "ann", ["vip", "eu"]),
            new("waiting", true, "bob", ["vip"]),
            new("closed", true, "ann", ["vip"]),
            new("waiting", true, "ann", ["VIP"]),
        ];
        for (var i = 0; i < 4; i++)
            await Store.Threads.ChangeTriageAsync(tenant.OrgId, threads[i], changes[i], Now, Cancel);
        var query = tenant.Threads(inbox, SortOrder.Ascending);
        Assert.Equal([threads[0], threads[1], threads[3]], await IdsAsync(query with { Status = "waiting" }));
        Assert.Equal([threads[0], threads[1], threads[2]], await IdsAsync(query with { Tag = "vip" }));
        Assert.Equal([threads[0], threads[2], threads[3]], await IdsAsync(query with { AssignedTo = "ann" }));
        Assert.Equal([threads[0]], await IdsAsync(query with { Status = "waiting", Tag = "vip", AssignedTo = "ann" }));
    }

    [Theory]
    [InlineData("v%")]
    [InlineData("vi_")]
    [InlineData("a\",\"b")]
    [InlineData("\\")]
    [InlineData("'")]
    public async Task A_tag_is_compared_as_a_whole(string tag)
    {
        var (tenant, inbox, threads) = await BeginAsync(2);
        await Store.Threads.ChangeTriageAsync(tenant.OrgId, threads[0], new TriageChange(AddTags: ["vip", "a", "b"]), Now, Cancel);
        await Store.Threads.ChangeTriageAsync(tenant.OrgId, threads[1], new TriageChange(AddTags: [tag]), Now, Cancel);
        Assert.Equal([threads[1]], await IdsAsync(tenant.Threads(inbox) with { Tag = tag }));
    }

    [Fact]
    public async Task A_filtered_list_is_paged_without_holes()
    {
        var (tenant, inbox, threads) = await BeginAsync(12);
        foreach (var thread in threads.Where((_, i) => i % 2 == 0))
            await Store.Threads.ChangeTriageAsync(tenant.OrgId, thread, new TriageChange("closed"), Now, Cancel);
        List<string> seen = [];
        PageCursor? cursor = null;
        do
        {
            var page = await Store.Threads.ListAsync(tenant.Threads(inbox, SortOrder.Ascending, 2, cursor) with { Status = "closed" }, Cancel);
            Assert.NotEmpty(page.Items);
            seen.AddRange(page.Items.Select(t => t.Id));
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.Equal(threads.Where((_, i) => i % 2 == 0), seen);
    }

    [Fact]
    public async Task An_unknown_inbox_has_no_threads()
    {
        var (tenant, inbox, _) = await BeginAsync(1);
        Assert.Empty(await IdsAsync(tenant.Threads(inbox) with { InboxId = "i_unknown" }));
    }

    [Fact]
    public async Task An_unknown_thread_is_not_found() =>
        Assert.Null(await Store.Threads.GetAsync((await NewTenantAsync()).OrgId, "conv_unknown", Cancel));
}
