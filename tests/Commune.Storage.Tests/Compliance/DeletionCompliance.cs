using System.Security.Cryptography;
using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

public abstract class DeletionCompliance(Engine engine) : StoreCompliance(engine)
{
    private static readonly byte[] Token = new byte[32];
    private const long Hour = 3_600_000;

    private async Task<string> RequestAsync(DeletionTarget target, DeletionCreation expected = DeletionCreation.Created)
    {
        var id = EntityId.New("req_");
        Assert.Equal(expected, await Store.Deletions.CreateAsync(target, id, Token, RandomNumberGenerator.GetBytes(32), Now, Now + Hour, Cancel));
        return id;
    }

    private async Task<DeletionRequest> GetAsync(string orgId, string id) => (await Store.Deletions.GetAsync(orgId, id, Cancel))!;

    private Task<DeletionConfirmation> ConfirmAsync(string orgId, string id, long? at = null) =>
        Store.Deletions.ConfirmAsync(orgId, id, Token, at ?? Now, Now, Cancel);

    /// <summary>Confirms, and runs step after step, each on another node.</summary>
    private async Task<DeletionRequest> ExecuteAsync(string orgId, string id)
    {
        Assert.Equal(DeletionConfirmation.Executing, await ConfirmAsync(orgId, id));
        for (var i = 0; !await Node(i).Deletions.StepAsync(orgId, id, Now, Cancel); i++)
            Assert.True(i < 10_000, "the deletion does not end");
        var done = await GetAsync(orgId, id);
        Assert.Equal(("completed", Now, Now), (done.Status, done.ConfirmedAt, done.CompletedAt));
        return done;
    }

    private static void AssertSame(DeletionCounts expected, DeletionCounts actual) => Assert.Equal(expected.All, actual.All);

    private static Letter WithAttachment() => new() { Attachments = [new InboundAttachment("1.2", "a.pdf", "application/pdf", 3, null)] };

    [Fact]
    public async Task Messages_before_a_time_go_exactly_as_the_preview_says_and_threads_tell_the_rest()
    {
        var tenant = await NewTenantAsync();
        var (inbox, other) = (await tenant.AddInboxAsync(), await tenant.AddInboxAsync());
        var first = WithAttachment() with { From = "first@example.org" };
        var one = await tenant.ReceiveAsync(inbox, first);
        await tenant.ReceiveAsync(inbox, new Letter());
        await Store.Threads.ChangeTriageAsync(tenant.OrgId, (await tenant.ReceiveAsync(inbox, new Letter())).ThreadId, new TriageChange("closed"), Now, Cancel);
        await tenant.ReceiveAsync(other, WithAttachment());
        Time.Advance(TimeSpan.FromSeconds(10));
        var before = Now;
        var answer = Letter.AnswerTo(first.MessageId!) with { From = "second@example.org", Text = "the rest" };
        var two = await tenant.ReceiveAsync(inbox, answer);
        Assert.Equal(one.ThreadId, two.ThreadId);

        var id = await RequestAsync(new DeletionTarget(tenant.OrgId, DeletionScope.Messages, inbox.Id, before));
        var preview = (await GetAsync(tenant.OrgId, id)).Preview;
        Assert.Equal((3, 1, 2, 1, 0), (preview["messages"], preview["attachments"], preview["threads"], preview["thread_metadata"], preview["inboxes"]));
        AssertSame(preview, (await ExecuteAsync(tenant.OrgId, id)).Deleted!);

        Assert.Equal([two.MessageId], (await tenant.AllMessagesAsync(tenant.Messages(inbox))).Select(static m => m.Id));
        Assert.Single(await tenant.AllMessagesAsync(tenant.Messages(other)));
        var thread = await tenant.ThreadAsync(two.ThreadId);
        Assert.Equal((1, "the rest", false), (thread.MessageCount, thread.Snippet, thread.HasAttachments));
        Assert.Equal(thread.LastMessageAt, thread.FirstMessageAt);
        Assert.DoesNotContain("first@example.org", thread.Participants);
        Assert.Contains("second@example.org", thread.Participants);
        Assert.Null(await Store.Messages.GetRawAsync(tenant.OrgId, one.MessageId, Cancel));
        Assert.DoesNotContain((await tenant.AllEventsAsync()), e => e.MessageId == one.MessageId);
        Assert.Contains((await tenant.AllEventsAsync()), e => e.MessageId == two.MessageId);
    }

    [Fact]
    public async Task Mail_that_came_after_the_request_stays()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        await tenant.ReceiveAsync(inbox, new Letter());
        var id = await RequestAsync(new DeletionTarget(tenant.OrgId, DeletionScope.Messages, null, null));
        var late = await tenant.ReceiveAsync(inbox, new Letter());
        Assert.Equal(1, (await ExecuteAsync(tenant.OrgId, id)).Deleted!["messages"]);
        Assert.Equal([late.MessageId], (await tenant.AllMessagesAsync(tenant.Messages(inbox))).Select(static m => m.Id));
    }

    [Fact]
    public async Task Many_messages_go_in_batches_that_can_be_interrupted_anywhere()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        for (var i = 0; i < 450; i++)
            await tenant.ReceiveAsync(inbox, new Letter());
        var id = await RequestAsync(new DeletionTarget(tenant.OrgId, DeletionScope.Messages, inbox.Id, null));
        await ConfirmAsync(tenant.OrgId, id);
        Assert.False(await Store.Deletions.StepAsync(tenant.OrgId, id, Now, Cancel));
        var half = await GetAsync(tenant.OrgId, id);
        Assert.Equal("executing", half.Status);
        Assert.Equal(450 - half.Deleted!["messages"], (await tenant.AllMessagesAsync(tenant.Messages(inbox))).Count);

        var results = await AllAtOnceAsync(30, i => Node(i).Deletions.StepAsync(tenant.OrgId, id, Now, Cancel));
        Assert.Contains(true, results);
        var done = await GetAsync(tenant.OrgId, id);
        AssertSame(done.Preview, done.Deleted!);
        Assert.Empty(await tenant.AllMessagesAsync(tenant.Messages(inbox)));
        Assert.Equal(JobKind.DeleteData, Assert.Single(await Store.Jobs.ClaimAsync(JobKind.DeleteData, 100, 100, Now, TimeSpan.FromMinutes(1), Cancel),
            job => job.Payload == id).Kind);
    }

    [Fact]
    public async Task Raw_bytes_that_another_inbox_still_needs_stay_until_that_goes_too()
    {
        var tenant = await NewTenantAsync();
        var (inbox, other) = (await tenant.AddInboxAsync(), await tenant.AddInboxAsync());
        var sha = RandomNumberGenerator.GetBytes(32);
        var key = Convert.ToHexStringLower(sha);
        var mail = Tenant.Inbound(new Letter(), Now, inbox, other) with { Raw = new RawMessage(null, sha, 1_000_000) };
        var both = await Store.Inbound.AcceptAsync(mail, Cancel);

        await ExecuteAsync(tenant.OrgId, await RequestAsync(new DeletionTarget(tenant.OrgId, DeletionScope.Inbox, inbox.Id, null)));
        Assert.NotNull(await Store.Messages.GetRawAsync(tenant.OrgId, both[1].MessageId, Cancel));
        Assert.True(await Store.Deletions.IsBlobUsedAsync(key, Cancel));
        Assert.DoesNotContain(key, await Store.Deletions.ListGarbageAsync("", 1000, Cancel));

        await ExecuteAsync(tenant.OrgId, await RequestAsync(new DeletionTarget(tenant.OrgId, DeletionScope.Inbox, other.Id, null)));
        Assert.False(await Store.Deletions.IsBlobUsedAsync(key, Cancel));
        Assert.Contains(key, await Store.Deletions.ListGarbageAsync("", 1000, Cancel));
        await Store.Deletions.ForgetGarbageAsync(key, Cancel);
        Assert.DoesNotContain(key, await Store.Deletions.ListGarbageAsync("", 1000, Cancel));
    }

    [Fact]
    public async Task An_inbox_takes_no_mail_from_the_confirmation_on_and_leaves_nothing()
    {
        var tenant = await NewTenantAsync();
        var (inbox, other) = (await tenant.AddInboxAsync(), await tenant.AddInboxAsync());
        var received = await tenant.ReceiveAsync(inbox, WithAttachment());
        await tenant.SendAsync(tenant.Outgoing(inbox));
        await tenant.ReceiveAsync(other, new Letter());
        var id = await RequestAsync(new DeletionTarget(tenant.OrgId, DeletionScope.Inbox, inbox.Id, null));
        var preview = (await GetAsync(tenant.OrgId, id)).Preview;
        Assert.Equal((2, 1, 2, 1), (preview["messages"], preview["attachments"], preview["threads"], preview["inboxes"]));

        Assert.Equal(DeletionConfirmation.Executing, await ConfirmAsync(tenant.OrgId, id));
        Assert.True((await tenant.ReceiveAsync(inbox, new Letter())).InboxGone);
        Assert.Null(await Store.Inboxes.RouteAsync(tenant.Domain.Name, inbox.LocalPart, Cancel));
        while (!await Store.Deletions.StepAsync(tenant.OrgId, id, Now, Cancel))
        {
        }

        AssertSame(preview, (await GetAsync(tenant.OrgId, id)).Deleted!);
        Assert.Null(await Store.Threads.GetAsync(tenant.OrgId, received.ThreadId, Cancel));
        Assert.DoesNotContain(await tenant.AllEventsAsync(), e => e.InboxId == inbox.Id);
        Assert.Empty(await Engine.Database.ReadTextsAsync($"SELECT message_id FROM thread_refs WHERE inbox_id = '{inbox.Id}'"));
        Assert.Single(await tenant.AllMessagesAsync(tenant.Messages(other)));
        Assert.NotNull(await tenant.AddInboxAsync(inbox.LocalPart));
    }

    [Fact]
    public async Task An_inbox_that_was_deleted_before_can_still_lose_its_mail()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        await tenant.ReceiveAsync(inbox, new Letter());
        await Store.Inboxes.DeleteAsync(tenant.OrgId, inbox.Id, Cancel);
        var done = await ExecuteAsync(tenant.OrgId, await RequestAsync(new DeletionTarget(tenant.OrgId, DeletionScope.Inbox, inbox.Id, null)));
        Assert.Equal((1, 1), (done.Deleted!["messages"], done.Deleted["inboxes"]));
    }

    [Fact]
    public async Task An_organisation_leaves_nothing_but_the_receipt()
    {
        var (tenant, neighbour) = (await NewTenantAsync(), await NewTenantAsync());
        var orgId = tenant.OrgId;
        foreach (var owner in (Tenant[])[tenant, neighbour])
        {
            var inbox = await owner.AddInboxAsync();
            await owner.ReceiveAsync(inbox, WithAttachment());
            await owner.SendAsync(owner.Outgoing(inbox) with { Idempotency = new IdempotencyClaim("k", new byte[32], 202, [7]) });
            await Store.ApiKeys.CreateAsync(
                new ApiKey(owner.OrgId, EntityId.New("key_"), "k", "comm_abcdef0", ["admin"], "active", null, null, Now), RandomNumberGenerator.GetBytes(32), Cancel,
                audit: new AuditEntry(owner.OrgId, EntityId.NewSortable("aud_", Time.GetUtcNow()), Now, "operator", "key.create", "k", null));
            await Store.Suppressions.AddAsync(new Suppression(
                owner.OrgId, EntityId.New("sup_"), "gone@example.org", inbox.Id, inbox.DomainId, SuppressionReason.Complaint, null, null, Now, null), Cancel);
            await Store.Feedback.AddAsync(new Feedback(owner.OrgId, EntityId.New("fb_"), "k", "signal", "hello", null, Now), Cancel);
            await Store.VectorMirrors.AskAsync(owner.OrgId, Cancel);
            var job = (await Store.Jobs.ClaimAsync(JobKind.MirrorVectors, 10_000, 10_000, Now, TimeSpan.FromMinutes(5), Cancel)).Single(job => job.OrgId == owner.OrgId);
            Assert.True(await Store.VectorMirrors.RecordAsync(job, "qdrant http://one.example", new VectorMirror("p:a", 2, 1, 0), Cancel));
        }
        var id = await RequestAsync(new DeletionTarget(orgId, DeletionScope.Organization, null, null));
        var preview = (await GetAsync(orgId, id)).Preview;
        Assert.Equal((2, 1, 2, 1, 1, 1), (preview["messages"], preview["attachments"], preview["threads"], preview["inboxes"], preview["domains"], preview["api_keys"]));
        AssertSame(preview, (await ExecuteAsync(orgId, id)).Deleted!);

        foreach (var table in await Engine.Database.TablesWithAsync("org_id"))
        {
            var left = await Engine.Database.ReadTextsAsync($"SELECT count(*) FROM {table} WHERE org_id = '{orgId}'");
            Assert.Equal((table, DeletedTables.Kept.ContainsKey(table) ? "1" : "0"), (table, left[0]));
        }
        Assert.Null(await Store.Organisations.GetAsync(orgId, Cancel));
        Assert.Null(await Store.Domains.FindVerifiedAsync(tenant.Domain.Name, Cancel));
        Assert.NotNull(await Store.Organisations.GetAsync(neighbour.OrgId, Cancel));
        Assert.Equal(2, (await neighbour.AllMessagesAsync(neighbour.Messages())).Count);
    }

    [Fact]
    public async Task The_operators_organisation_keeps_the_shared_domain_that_others_live_on()
    {
        await using var database = await Engine.NewDatabaseAsync();
        await using var store = database.Open(Time);
        await store.MigrateAsync(Cancel);
        var first = Engine.NewBootstrap(Now);
        await store.Organisations.BootstrapAsync(first, Cancel);
        var guest = await Tenant.CreateAsync(store, Time);
        var inbox = await guest.AddInboxAsync("guest", first.SharedDomain);
        var orgId = first.Organisation.Id;

        await store.Deletions.CreateAsync(new DeletionTarget(orgId, DeletionScope.Organization, null, null), "req_1", Token, Token, Now, Now + Hour, Cancel);
        Assert.Equal(DeletionConfirmation.Executing, await store.Deletions.ConfirmAsync(orgId, "req_1", Token, Now, Now, Cancel));
        Assert.Null(await store.ApiKeys.FindByHashAsync(first.KeyHash, Cancel));
        while (!await store.Deletions.StepAsync(orgId, "req_1", Now, Cancel))
        {
        }

        Assert.NotNull(await store.Organisations.GetAsync(orgId, Cancel));
        Assert.NotEmpty(await store.Domains.GetDkimKeysAsync(guest.OrgId, first.SharedDomain.Id, Cancel));
        Assert.Equal(inbox.Id, (await store.Inboxes.RouteAsync(first.SharedDomain.Name, "guest", Cancel))?.InboxId);
        Assert.Equal(BootstrapResult.Continued, await store.Organisations.BootstrapAsync(first, Cancel));
        Assert.NotNull(await store.ApiKeys.FindByHashAsync(first.KeyHash, Cancel));
    }

    [Fact]
    public async Task Every_table_of_an_organisation_is_deleted_or_kept_for_a_reason()
    {
        var known = DeletedTables.All.Select(static table => table.Name).Concat(DeletedTables.Kept.Keys).ToHashSet(StringComparer.Ordinal);
        Assert.DoesNotContain(await Engine.Database.TablesWithAsync("org_id"), table => !known.Contains(table));
    }

    [Fact]
    public async Task Confirmation_asks_for_the_right_token_in_time_and_once()
    {
        var tenant = await NewTenantAsync();
        var target = new DeletionTarget(tenant.OrgId, DeletionScope.Messages, null, null);
        var id = await RequestAsync(target);
        Assert.Equal(DeletionConfirmation.WrongToken, await Store.Deletions.ConfirmAsync(tenant.OrgId, id, RandomNumberGenerator.GetBytes(32), Now, Now, Cancel));
        Assert.Equal(DeletionConfirmation.NotFound, await ConfirmAsync((await NewTenantAsync()).OrgId, id));
        Assert.Equal(DeletionConfirmation.Expired, await ConfirmAsync(tenant.OrgId, id, Now + Hour + 1));
        Assert.Equal("expired", (await GetAsync(tenant.OrgId, id)).Status);
        Assert.Equal(DeletionConfirmation.NotPending, await ConfirmAsync(tenant.OrgId, id));

        var next = await RequestAsync(target);
        Assert.Equal(DeletionConfirmation.Executing, await ConfirmAsync(tenant.OrgId, next));
        Assert.Equal(DeletionConfirmation.NotPending, await ConfirmAsync(tenant.OrgId, next));
    }

    [Fact]
    public async Task A_new_request_for_the_same_target_replaces_the_pending_one()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var target = new DeletionTarget(tenant.OrgId, DeletionScope.Inbox, inbox.Id, null);
        var (first, elsewhere) = (await RequestAsync(target), await RequestAsync(target with { Scope = DeletionScope.Messages }));
        var second = await RequestAsync(target);
        Assert.Equal("expired", (await GetAsync(tenant.OrgId, first)).Status);
        Assert.Equal("pending", (await GetAsync(tenant.OrgId, elsewhere)).Status);
        Assert.Equal("pending", (await GetAsync(tenant.OrgId, second)).Status);
    }

    [Fact]
    public async Task Unknown_inboxes_and_an_organisation_under_deletion_are_refused()
    {
        var (tenant, stranger) = (await NewTenantAsync(), await NewTenantAsync());
        var foreign = await stranger.AddInboxAsync();
        await RequestAsync(new DeletionTarget(tenant.OrgId, DeletionScope.Inbox, foreign.Id, null), DeletionCreation.UnknownInbox);
        var id = await RequestAsync(new DeletionTarget(tenant.OrgId, DeletionScope.Organization, null, null));
        await ConfirmAsync(tenant.OrgId, id);
        await RequestAsync(new DeletionTarget(tenant.OrgId, DeletionScope.Messages, null, null), DeletionCreation.OrganizationExecuting);
    }

    [Fact]
    public async Task Another_organisation_sees_no_request()
    {
        var tenant = await NewTenantAsync();
        var id = await RequestAsync(new DeletionTarget(tenant.OrgId, DeletionScope.Messages, null, null));
        Assert.Null(await Store.Deletions.GetAsync((await NewTenantAsync()).OrgId, id, Cancel));
    }
}
