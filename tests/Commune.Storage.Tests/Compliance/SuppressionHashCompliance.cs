using System.Security.Cryptography;
using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

public abstract class SuppressionHashCompliance(Engine engine) : StoreCompliance(engine)
{
    private const string Gone = "Kim@Example.org";

    [Theory]
    [InlineData(SuppressionReason.Unsubscribe)]
    [InlineData(SuppressionReason.Complaint)]
    public async Task Who_was_suppressed_for_a_deleted_inbox_gets_no_mail_from_the_organisation(string reason)
    {
        var tenant = await NewTenantAsync();
        var (inbox, other) = (await tenant.AddInboxAsync(), await tenant.AddInboxAsync());
        await SuppressAsync(tenant, inbox, Gone, reason);
        Assert.Empty((await tenant.SendAsync(tenant.Outgoing(other, Gone))).Skipped);
        await DeleteAsync(tenant, DeletionScope.Inbox, inbox.Id);

        Assert.Empty((await Store.Suppressions.ListAsync(new SuppressionQuery(tenant.OrgId, null, null, Gone, Now, 10, null), Cancel)).Items);
        var found = Assert.Single(await Node(1).Suppressions.FindAsync(tenant.OrgId, other.Id, ["ada@example.org", Gone], Now, Cancel));
        Assert.Equal(("kim@example.org", reason, null, null, null), (found.Address, found.Reason, found.InboxId, found.MessageId, found.Detail));
        var sent = await tenant.SendAsync(tenant.Outgoing(other, Gone, "ada@example.org"), Node(1));
        var skipped = Assert.Single(sent.Skipped);
        Assert.Equal((Gone, reason), (skipped.Address, skipped.Reason));

        var stranger = await NewTenantAsync();
        Assert.Empty((await stranger.SendAsync(stranger.Outgoing(await stranger.AddInboxAsync(), Gone))).Skipped);
    }

    [Fact]
    public async Task What_the_person_takes_back_is_forgotten()
    {
        var tenant = await NewTenantAsync();
        var (inbox, other) = (await tenant.AddInboxAsync(), await tenant.AddInboxAsync());
        await SuppressAsync(tenant, inbox, Gone, SuppressionReason.Unsubscribe);
        await DeleteAsync(tenant, DeletionScope.Inbox, inbox.Id);
        Assert.Equal(0, await Store.Suppressions.RemoveAsync(tenant.OrgId, Gone, other.Id, Cancel));
        Assert.Equal(1, await Store.Suppressions.RemoveAsync(tenant.OrgId, Gone, null, Cancel));
        Assert.Empty((await tenant.SendAsync(tenant.Outgoing(other, Gone))).Skipped);
    }

    [Fact]
    public async Task What_would_have_ended_ends_with_the_inbox()
    {
        var tenant = await NewTenantAsync();
        var (inbox, other) = (await tenant.AddInboxAsync(), await tenant.AddInboxAsync());
        await SuppressAsync(tenant, inbox, Gone, SuppressionReason.SoftBounce, Now + 1_000_000);
        await DeleteAsync(tenant, DeletionScope.Inbox, inbox.Id);
        Assert.Empty((await tenant.SendAsync(tenant.Outgoing(other, Gone))).Skipped);
    }

    [Fact]
    public async Task The_hashes_outlive_the_organisation_and_hold_no_address()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        await SuppressAsync(tenant, inbox, Gone, SuppressionReason.Complaint);
        await Store.Suppressions.AddAsync(
            new Suppression(tenant.OrgId, EntityId.New("sup_"), "ada@example.org", null, null, SuppressionReason.Manual, null, null, Now, null), Cancel);
        await DeleteAsync(tenant, DeletionScope.Organization, null);
        Assert.Null(await Store.Organisations.GetAsync(tenant.OrgId, Cancel));
        var found = await Store.Suppressions.FindAsync(tenant.OrgId, inbox.Id, ["ada@example.org", Gone, "new@example.org"], Now, Cancel);
        Assert.Equal(["ada@example.org", "kim@example.org"], found.Select(static entry => entry.Address).Order(StringComparer.Ordinal));
    }

    private async Task SuppressAsync(Tenant tenant, Inbox inbox, string address, string reason, long? expiresAt = null) => await Store.Suppressions.AddAsync(
        new Suppression(tenant.OrgId, EntityId.New("sup_"), address, inbox.Id, inbox.DomainId, reason, null, "they said so", Now, expiresAt), Cancel);

    private async Task DeleteAsync(Tenant tenant, string scope, string? inboxId)
    {
        var token = RandomNumberGenerator.GetBytes(32);
        var request = EntityId.New("req_");
        await Store.Deletions.CreateAsync(new DeletionTarget(tenant.OrgId, scope, inboxId, null), request, token, token, Now, Now + 1000, Cancel);
        Assert.Equal(DeletionConfirmation.Executing, await Store.Deletions.ConfirmAsync(tenant.OrgId, request, token, Now, Now, Cancel));
        while (!await Store.Deletions.StepAsync(tenant.OrgId, request, Now, Cancel))
        {
        }
    }
}
