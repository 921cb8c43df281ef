using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

/// <summary>Mail that an inbox holds back, and what releases it.</summary>
public abstract class QuarantineCompliance(Engine engine) : StoreCompliance(engine)
{
    private const string Held = """{"screening":{"spam_score":0.1},"quarantined":true}""";

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
        Assert.Equal(QuarantineRelease.Released, await Store.Inbound.ReleaseAsync(message, "Body", Now, Cancel));
        var released = await tenant.MessageAsync(message.Id);
        Assert.False(Quarantine.IsHeld(released.Metadata));
        Assert.Contains("\"spam_score\":0.1", released.Metadata, StringComparison.Ordinal);
        var told = await NewestAsync(tenant);
        Assert.Equal(("message.received", message.Id), (told.Type, told.MessageId));
        Assert.Equal(1, await OwedAsync(tenant));

        Assert.Equal(QuarantineRelease.NotQuarantined, await Store.Inbound.ReleaseAsync(message, "Body", Now, Cancel));
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
        await Store.Inbound.ReleaseAsync(message, "Body", Now, Cancel, waitForExtraction: 5000);
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
        await Store.Inbound.ReleaseAsync(message, "Body", Now, Cancel);
        Assert.Equal("Body", (await Store.Threads.GetAsync(tenant.OrgId, message.ThreadId, Cancel))!.Snippet);
    }

    [Fact]
    public async Task Two_who_release_at_once_release_once()
    {
        var (tenant, inbox) = await NewHookedAsync();
        var message = await HoldAsync(tenant, inbox);
        var both = await Task.WhenAll(Store.Inbound.ReleaseAsync(message, "Body", Now, Cancel), Store.Inbound.ReleaseAsync(message, "Body", Now, Cancel));
        Assert.Single(both, QuarantineRelease.Released);
        Assert.Equal(1, await OwedAsync(tenant));
    }

    [Fact]
    public async Task Another_organisation_releases_nothing()
    {
        var (tenant, inbox) = await NewHookedAsync();
        var message = await HoldAsync(tenant, inbox);
        var stranger = await NewTenantAsync();
        Assert.Equal(QuarantineRelease.NotFound, await Store.Inbound.ReleaseAsync(message with { OrgId = stranger.OrgId }, "Body", Now, Cancel));
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
        var mail = Tenant.Inbound(new Letter { Subject = "Held", Text = "Body" }, Now, inbox);
        mail = mail with { Deliveries = [mail.Deliveries[0] with { QuarantineMetadata = Held }] };
        return await tenant.MessageAsync(Assert.Single(await Store.Inbound.AcceptAsync(mail, Cancel)).MessageId);
    }

    private async Task<MailEvent> NewestAsync(Tenant tenant) => (await Store.Events.ReadAsync(tenant.OrgId, 0, 100, Cancel))[^1];

    private async Task<long> OwedAsync(Tenant tenant) =>
        (await Store.Webhooks.ListAsync(new WebhookQuery(tenant.OrgId, null, null, null, 10, 0, null), Cancel)).Total;
}
