using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

/// <summary>Mail that an inbox holds back, and what releases it.</summary>
public abstract class QuarantineCompliance(Engine engine) : StoreCompliance(engine)
{
    private const string Held = """{"screening":{"spam_score":0.1},"quarantined":true}""";

    private static readonly SearchEntry Entry = new("body"u8.ToArray(), 1, HasAttachment: false, "m1", new byte[] { 1 });

    [Fact]
    public async Task Mail_that_is_held_back_is_stored_and_told_as_such_and_no_webhook_is_owed()
    {
        var (tenant, inbox) = await NewHookedAsync();
        var message = await HoldAsync(tenant, inbox);
        Assert.True(Quarantine.IsHeld(message.Metadata));
        Assert.Equal("message.quarantined", (await NewestAsync(tenant)).Type);
        Assert.Equal(0, await OwedAsync(tenant));
    }

    [Fact]
    public async Task Its_release_tells_the_log_and_owes_the_webhook_once()
    {
        var (tenant, inbox) = await NewHookedAsync();
        var message = await HoldAsync(tenant, inbox);
        Assert.Equal(QuarantineRelease.Released, await Store.Inbound.ReleaseAsync(message, "Body", Entry, Now, Cancel));
        var released = await tenant.MessageAsync(message.Id);
        Assert.False(Quarantine.IsHeld(released.Metadata));
        Assert.Contains("\"spam_score\":0.1", released.Metadata, StringComparison.Ordinal);
        var told = await NewestAsync(tenant);
        Assert.Equal(("message.received", message.Id), (told.Type, told.MessageId));
        Assert.Equal(1, await OwedAsync(tenant));

        Assert.Equal(QuarantineRelease.NotQuarantined, await Store.Inbound.ReleaseAsync(message, "Body", Entry, Now, Cancel));
        Assert.Equal(1, await OwedAsync(tenant));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_webhook_of_what_is_released_waits_for_the_data_where_the_inbox_has_a_schema(bool reads)
    {
        var (tenant, inbox) = await NewHookedAsync();
        if (reads)
            await Store.Inboxes.UpdateAsync(inbox with { ExtractionSchema = """{"name":"order","schema":{"type":"object","properties":{}},"enabled":true}""" }, Cancel);
        var message = await HoldAsync(tenant, inbox);
        await Store.Inbound.ReleaseAsync(message, "Body", Entry, Now, Cancel, waitForExtraction: 5000);
        Assert.Equal(reads ? 0 : 1, await DueAsync(Now));
        Assert.Equal(reads ? 1 : 0, await DueAsync(Now + 5000));

        async Task<int> DueAsync(long at) =>
            (await Store.Jobs.ClaimAsync(JobKind.Webhook, 1000, 1000, at, TimeSpan.FromMinutes(5), Cancel)).Count(job => job.OrgId == tenant.OrgId);
    }

    [Fact]
    public async Task The_thread_shows_nothing_of_its_text_before_it_is_released()
    {
        var (tenant, inbox) = await NewHookedAsync();
        var message = await HoldAsync(tenant, inbox);
        Assert.Equal("", (await Store.Threads.GetAsync(tenant.OrgId, message.ThreadId, Cancel))!.Snippet);
        await Store.Inbound.ReleaseAsync(message, "Body", Entry, Now, Cancel);
        Assert.Equal("Body", (await Store.Threads.GetAsync(tenant.OrgId, message.ThreadId, Cancel))!.Snippet);
    }

    [Fact]
    public async Task The_log_says_nothing_of_its_text_before_it_is_released()
    {
        var (tenant, inbox) = await NewHookedAsync();
        var message = await HoldAsync(tenant, inbox);
        var told = (await NewestAsync(tenant)).Data;
        Assert.Contains("\"subject\":\"Held\"", told, StringComparison.Ordinal);
        Assert.Contains("\"snippet\":\"\"", told, StringComparison.Ordinal);
        await Store.Inbound.ReleaseAsync(message, "Body", Entry, Now, Cancel);
        Assert.Contains("\"snippet\":\"Body\"", (await NewestAsync(tenant)).Data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_index_gets_it_when_it_is_released()
    {
        var (tenant, inbox) = await NewHookedAsync();
        var message = await HoldAsync(tenant, inbox);
        Assert.Empty((await IndexReading.OfAsync(Store, tenant.OrgId)).Documents);
        await Store.Inbound.ReleaseAsync(message, "Body", Entry, Now, Cancel);
        var index = await IndexReading.OfAsync(Store, tenant.OrgId);
        Assert.Equal([(1, "body")], index.Waiting);
        var row = Assert.Single(index.Documents);
        Assert.Equal((message.ThreadId, inbox.Id, message.CreatedAt), (row.ThreadId, row.InboxId, row.At));
        Assert.Equal(message.Id, Assert.Single(await Store.Search.FindAsync(tenant.OrgId, [1], Cancel)).MessageId);

        var next = await Store.Inbound.AcceptAsync(Tenant.Inbound(new Letter(), Now, inbox) with { Search = Entry }, Cancel);
        Assert.Equal([1, 2], (await IndexReading.OfAsync(Store, tenant.OrgId)).Documents.Select(static document => document.Document));
        Assert.False(next[0].Duplicate);
    }

    [Fact]
    public async Task A_blocked_mail_is_neither_indexed_nor_quoted_and_the_others_of_its_envelope_are()
    {
        var (tenant, inbox) = await NewHookedAsync();
        var open = await tenant.AddInboxAsync();
        var mail = Tenant.Inbound(new Letter { Text = "Body" }, Now, inbox, open) with { Search = Entry };
        mail = mail with { Deliveries = [mail.Deliveries[0] with { Blocked = true }, mail.Deliveries[1]] };
        await Store.Inbound.AcceptAsync(mail, Cancel);
        var events = await Store.Events.ReadAsync(tenant.OrgId, 0, 100, Cancel);
        Assert.Contains("\"snippet\":\"\"", events.Single(static one => one.Type == "message.blocked").Data, StringComparison.Ordinal);
        Assert.DoesNotContain("\"snippet\":\"\"", events.Single(static one => one.Type == "message.received").Data, StringComparison.Ordinal);
        Assert.Equal(open.Id, Assert.Single((await IndexReading.OfAsync(Store, tenant.OrgId)).Documents).InboxId);
    }

    [Fact]
    public async Task What_is_held_back_is_not_among_the_older_mail_that_is_to_be_indexed()
    {
        var (tenant, inbox) = await NewHookedAsync();
        var message = await HoldAsync(tenant, inbox);
        Assert.Empty((await Store.SearchIndex.ReadUnindexedAsync(tenant.OrgId, "", "m2", 10, Cancel)).Messages);
        await Store.Inbound.ReleaseAsync(message, "Body", Entry, Now, Cancel);
        Assert.Equal(message.Id, Assert.Single((await Store.SearchIndex.ReadUnindexedAsync(tenant.OrgId, "", "m2", 10, Cancel)).Messages).Id);
    }

    [Fact]
    public async Task Two_who_release_at_once_release_once()
    {
        var (tenant, inbox) = await NewHookedAsync();
        var message = await HoldAsync(tenant, inbox);
        var both = await Task.WhenAll(Store.Inbound.ReleaseAsync(message, "Body", Entry, Now, Cancel), Store.Inbound.ReleaseAsync(message, "Body", Entry, Now, Cancel));
        Assert.Single(both, QuarantineRelease.Released);
        Assert.Equal(1, await OwedAsync(tenant));
    }

    [Fact]
    public async Task Another_organisation_releases_nothing()
    {
        var (tenant, inbox) = await NewHookedAsync();
        var message = await HoldAsync(tenant, inbox);
        var stranger = await NewTenantAsync();
        Assert.Equal(QuarantineRelease.NotFound, await Store.Inbound.ReleaseAsync(message with { OrgId = stranger.OrgId }, "Body", Entry, Now, Cancel));
        Assert.True(Quarantine.IsHeld((await tenant.MessageAsync(message.Id)).Metadata));
    }

    [Fact]
    public async Task The_thresholds_of_an_inbox_come_back_with_it_and_with_its_route()
    {
        var tenant = await NewTenantAsync();
        var setting = new ScreeningSetting(0.9, null, null, 0.5);
        var inbox = tenant.NewInbox() with { Screening = setting };
        Assert.True(await Store.Inboxes.CreateAsync(inbox, Cancel));
        Assert.Equal(setting, (await Store.Inboxes.GetAsync(tenant.OrgId, inbox.Id, Cancel))!.Screening);
        Assert.Equal(setting, (await Store.Inboxes.RouteAsync(inbox.DomainName, inbox.LocalPart, Cancel))!.Screening);
        Assert.Equal(InboxUpdate.Updated, await Store.Inboxes.UpdateAsync(inbox with { Screening = null }, Cancel));
        Assert.Null((await Store.Inboxes.RouteAsync(inbox.DomainName, inbox.LocalPart, Cancel))!.Screening);
    }

    private async Task<(Tenant Tenant, Inbox Inbox)> NewHookedAsync()
    {
        var tenant = await NewTenantAsync();
        var inbox = tenant.NewInbox() with { Webhook = new WebhookSetting("https://app.example/hook", ["inbound"], "whsec_x", AgentView: true) };
        Assert.True(await Store.Inboxes.CreateAsync(inbox, Cancel));
        Assert.True((await Store.Inboxes.GetAsync(tenant.OrgId, inbox.Id, Cancel))!.Webhook!.AgentView);
        return (tenant, inbox);
    }

    private async Task<MailMessage> HoldAsync(Tenant tenant, Inbox inbox)
    {
        var mail = Tenant.Inbound(new Letter { Subject = "Held", Text = "Body" }, Now, inbox) with { Search = Entry };
        mail = mail with { Deliveries = [mail.Deliveries[0] with { QuarantineMetadata = Held }] };
        return await tenant.MessageAsync(Assert.Single(await Store.Inbound.AcceptAsync(mail, Cancel)).MessageId);
    }

    private async Task<MailEvent> NewestAsync(Tenant tenant) => (await Store.Events.ReadAsync(tenant.OrgId, 0, 100, Cancel))[^1];

    private async Task<long> OwedAsync(Tenant tenant) =>
        (await Store.Webhooks.ListAsync(new WebhookQuery(tenant.OrgId, null, null, null, 10, 0, null), Cancel)).Total;
}
