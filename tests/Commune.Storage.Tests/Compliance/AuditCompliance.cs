using System.Security.Cryptography;
using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

public abstract class AuditCompliance(Engine engine) : StoreCompliance(engine)
{
    private AuditEntry Entry(string orgId, string action, string target) =>
        new(orgId, EntityId.NewSortable("aud_", Time.GetUtcNow()), Now, "key_actor", action, target, "192.0.2.1");

    private async Task<IReadOnlyList<string>> ActionsAsync(string orgId) =>
        [.. (await Store.Audit.ListAsync(orgId, 100, null, Cancel)).Items.Select(static entry => entry.Action)];

    [Fact]
    public async Task Each_change_writes_its_entry_newest_first()
    {
        var tenant = await NewTenantAsync();
        var orgId = tenant.OrgId;
        var inbox = tenant.NewInbox();
        await Store.Inboxes.CreateAsync(inbox, Cancel, Entry(orgId, "inbox.create", inbox.Id));
        await Store.Inboxes.UpdateAsync(inbox with { DisplayName = "New" }, Cancel, Entry(orgId, "inbox.update", inbox.Id));
        await Store.Inboxes.DeleteAsync(orgId, inbox.Id, Cancel, Entry(orgId, "inbox.delete", inbox.Id));
        await Store.Organisations.RenameAsync(orgId, "Other", Now, Cancel, Entry(orgId, "org.update", orgId));
        var key = new ApiKey(orgId, EntityId.New("key_"), "k", "comm_abcdef0", ["read"], "active", null, null, Now);
        await Store.ApiKeys.CreateAsync(key, RandomNumberGenerator.GetBytes(32), Cancel, audit: Entry(orgId, "key.create", key.Id));
        await Store.ApiKeys.RotateAsync(orgId, key.Id, "comm_1234567", RandomNumberGenerator.GetBytes(32), Now, Cancel, Entry(orgId, "key.rotate", key.Id));
        await Store.ApiKeys.RevokeAsync(orgId, key.Id, Cancel, Entry(orgId, "key.revoke", key.Id));
        var domain = Tenant.NewDomain(orgId, EntityId.New("n") + ".example", Now);
        await Store.Domains.CreateAsync(domain, Tenant.NewKey(domain), Cancel, Entry(orgId, "domain.create", domain.Id));
        await Store.Domains.SetStatusAsync(orgId, domain.Id, "verified", Now, Cancel, Entry(orgId, "domain.verify", domain.Id));
        var last = Entry(orgId, "domain.delete", domain.Id);
        await Store.Domains.DeleteAsync(orgId, domain.Id, Cancel, last);

        Assert.Equal(
            ["domain.delete", "domain.verify", "domain.create", "key.revoke", "key.rotate", "key.create", "org.update", "inbox.delete", "inbox.update", "inbox.create"],
            await ActionsAsync(orgId));
        Assert.Equal(last, (await Store.Audit.ListAsync(orgId, 1, null, Cancel)).Items[0]);
    }

    [Fact]
    public async Task What_changed_nothing_leaves_no_entry()
    {
        var tenant = await NewTenantAsync();
        var orgId = tenant.OrgId;
        var inbox = await tenant.AddInboxAsync();
        Assert.False(await Store.Inboxes.CreateAsync(inbox with { Id = EntityId.New("i_") }, Cancel, Entry(orgId, "inbox.create", "x")));
        Assert.False(await Store.Inboxes.DeleteAsync(orgId, "i_unknown", Cancel, Entry(orgId, "inbox.delete", "x")));
        Assert.False(await Store.ApiKeys.RevokeAsync(orgId, "key_unknown", Cancel, Entry(orgId, "key.revoke", "x")));
        Assert.Equal(DomainCreation.Duplicate, await Store.Domains.CreateAsync(tenant.Domain, Tenant.NewKey(tenant.Domain), Cancel, Entry(orgId, "domain.create", "x")));
        Assert.Empty(await ActionsAsync(orgId));
    }

    [Fact]
    public async Task The_log_is_read_in_pages_and_by_its_organisation_only()
    {
        var tenant = await NewTenantAsync();
        for (var i = 0; i < 5; i++)
            await Store.Organisations.RenameAsync(tenant.OrgId, $"Name {i}", Now, Cancel, Entry(tenant.OrgId, $"step.{i}", tenant.OrgId));
        var actions = new List<string>();
        PageCursor? cursor = null;
        do
        {
            var page = await Store.Audit.ListAsync(tenant.OrgId, 2, cursor, Cancel);
            actions.AddRange(page.Items.Select(static entry => entry.Action));
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.Equal(["step.4", "step.3", "step.2", "step.1", "step.0"], actions);
        Assert.Empty(await ActionsAsync((await NewTenantAsync()).OrgId));
    }
}
