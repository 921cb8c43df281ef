using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

public abstract class TriageCompliance(Engine engine) : StoreCompliance(engine)
{
    private async Task<(Tenant Tenant, string Thread)> BeginAsync()
    {
        var tenant = await NewTenantAsync();
        return (tenant, (await tenant.ReceiveAsync(await tenant.AddInboxAsync(), new Letter())).ThreadId);
    }

    private async Task<Triage> ChangeAsync(Tenant tenant, string thread, TriageChange change) =>
        (await Store.Threads.ChangeTriageAsync(tenant.OrgId, thread, change, Now + 3, Cancel))!;

    [Fact]
    public async Task Status_is_set_and_the_rest_stays()
    {
        var (tenant, thread) = await BeginAsync();
        await ChangeAsync(tenant, thread, new TriageChange(Assign: true, AssignedTo: "ann", AddTags: ["vip"]));
        var triage = await ChangeAsync(tenant, thread, new TriageChange(Status: "needs_reply"));
        Assert.Equal((thread, "needs_reply", "ann"), (triage.ThreadId, triage.Status, triage.AssignedTo));
        Assert.Equal(["vip"], triage.Tags);
        Assert.Equivalent(triage, (await tenant.ThreadAsync(thread)).Triage, strict: true);
    }

    [Fact]
    public async Task A_change_tells_its_time()
    {
        var (tenant, thread) = await BeginAsync();
        Assert.True((await ChangeAsync(tenant, thread, new TriageChange(Status: "closed"))).UpdatedAt >= Now + 3);
    }

    [Fact]
    public async Task Null_assigns_to_nobody_only_when_assigning()
    {
        var (tenant, thread) = await BeginAsync();
        await ChangeAsync(tenant, thread, new TriageChange(Assign: true, AssignedTo: "ann"));
        Assert.Equal("ann", (await ChangeAsync(tenant, thread, new TriageChange(Status: "open"))).AssignedTo);
        Assert.Null((await ChangeAsync(tenant, thread, new TriageChange(Assign: true, AssignedTo: null))).AssignedTo);
    }

    [Fact]
    public async Task Added_tags_stand_behind_the_present_ones_once_each_and_case_counts()
    {
        var (tenant, thread) = await BeginAsync();
        await ChangeAsync(tenant, thread, new TriageChange(AddTags: ["b", "a"]));
        var triage = await ChangeAsync(tenant, thread, new TriageChange(AddTags: ["c", "b", "A", "c"]));
        Assert.Equal(["b", "a", "c", "A"], triage.Tags);
    }

    [Fact]
    public async Task Removing_tags_ignores_absent_ones()
    {
        var (tenant, thread) = await BeginAsync();
        await ChangeAsync(tenant, thread, new TriageChange(AddTags: ["a", "b", "c"]));
        Assert.Equal(["a", "c"], (await ChangeAsync(tenant, thread, new TriageChange(RemoveTags: ["b", "B", "z"]))).Tags);
    }

    [Fact]
    public async Task Replacing_tags_writes_the_new_set()
    {
        var (tenant, thread) = await BeginAsync();
        await ChangeAsync(tenant, thread, new TriageChange(AddTags: ["a", "b"]));
        Assert.Equal(["z", "a"], (await ChangeAsync(tenant, thread, new TriageChange(ReplaceTags: ["z", "a", "z"]))).Tags);
        Assert.Empty((await ChangeAsync(tenant, thread, new TriageChange(ReplaceTags: []))).Tags);
    }

    [Fact]
    public async Task A_change_is_reported_and_a_change_to_the_same_is_not()
    {
        var (tenant, thread) = await BeginAsync();
        await ChangeAsync(tenant, thread, new TriageChange("closed", true, "ann", ["vip"]));
        await ChangeAsync(tenant, thread, new TriageChange("closed", true, "ann", ["vip"], ["absent"]));
        await ChangeAsync(tenant, thread, new TriageChange());
        var reported = Assert.Single(await tenant.AllEventsAsync(), e => e.Type == "thread.updated");
        Assert.Equal(thread, reported.ThreadId);
    }

    [Fact]
    public async Task New_mail_does_not_change_the_triage_state()
    {
        var (tenant, thread) = await BeginAsync();
        var triage = await ChangeAsync(tenant, thread, new TriageChange("closed", true, "ann", ["vip"]));
        var found = await tenant.ThreadAsync(thread);
        var inbox = (await Store.Inboxes.GetAsync(tenant.OrgId, found.InboxId, Cancel))!;
        Assert.Equal(thread, (await tenant.ReceiveAsync(inbox, new Letter { Token = found.ReplyToken })).ThreadId);
        Assert.Equivalent(triage, (await tenant.ThreadAsync(thread)).Triage, strict: true);
    }

    [Fact]
    public async Task Tags_added_at_once_are_all_kept()
    {
        var (tenant, thread) = await BeginAsync();
        await AllAtOnceAsync(
            16, i => Node(i).Threads.ChangeTriageAsync(tenant.OrgId, thread, new TriageChange(AddTags: [$"tag{i:00}"]), Now, Cancel));
        Assert.Equal(Enumerable.Range(0, 16).Select(i => $"tag{i:00}"), (await tenant.ThreadAsync(thread)).Triage.Tags.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_unknown_thread_has_no_triage() =>
        Assert.Null(await Store.Threads.ChangeTriageAsync((await NewTenantAsync()).OrgId, "conv_unknown", new TriageChange("closed"), Now, Cancel));
}
