using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

public abstract class InboxCompliance(Engine engine) : StoreCompliance(engine)
{
    private Domain Shared => Engine.Bootstrap.SharedDomain;

    [Fact]
    public async Task An_inbox_comes_back_with_every_setting()
    {
        var tenant = await NewTenantAsync();
        var inbox = tenant.NewInbox("support") with
        {
            DisplayName = "Hilfe – 支援",
            Webhook = new WebhookSetting("https://app.example/hook", ["inbound", "other"], "whsec_x"),
            ExtractionSchema = """{"name":"order","schema":{"type":"object","properties":{}}}""",
        };
        Assert.True(await Store.Inboxes.CreateAsync(inbox, Cancel));
        Assert.Equivalent(inbox with { SchemaVersion = 1 }, await Store.Inboxes.GetAsync(tenant.OrgId, inbox.Id, Cancel), strict: true);
    }

    [Fact]
    public async Task An_address_exists_once()
    {
        var tenant = await NewTenantAsync();
        var first = await tenant.AddInboxAsync("sales");
        var second = tenant.NewInbox("sales");
        Assert.False(await Store.Inboxes.CreateAsync(second, Cancel));
        Assert.Null(await Store.Inboxes.GetAsync(tenant.OrgId, second.Id, Cancel));
        Assert.Equal(first.Id, (await Store.Inboxes.RouteAsync(tenant.Domain.Name, "sales", Cancel))?.InboxId);
    }

    [Fact]
    public async Task An_address_on_the_shared_domain_exists_once_among_all_organisations()
    {
        var (one, two) = (await NewTenantAsync(), await NewTenantAsync());
        var local = EntityId.New("box");
        await one.AddInboxAsync(local, Shared);
        Assert.False(await Store.Inboxes.CreateAsync(two.NewInbox(local, Shared), Cancel));
        Assert.Equal(one.OrgId, (await Store.Inboxes.RouteAsync(Shared.Name, local, Cancel))?.OrgId);
    }

    [Fact]
    public async Task Of_many_that_ask_for_an_address_at_once_one_gets_it()
    {
        var tenant = await NewTenantAsync();
        var created = await AllAtOnceAsync(16, i => Node(i).Inboxes.CreateAsync(tenant.NewInbox("wanted"), Cancel));
        Assert.Single(created, true);
    }

    [Theory]
    [InlineData("a\0b")]
    [InlineData("a\uD800b")]
    public async Task Of_many_that_ask_at_once_where_mail_goes_each_is_told_of_its_own_and_an_impossible_address_harms_none(string impossible)
    {
        var inboxes = new List<Inbox>();
        for (var i = 0; i < 8; i++)
            inboxes.Add(await (await NewTenantAsync()).AddInboxAsync("in"));
        // Asked before any is answered, so that they can share a statement.
        var harm = new List<Task<InboxRoute?>>();
        var asked = new List<Task<InboxRoute?>>();
        for (var i = 0; i < 64; i++)
        {
            if (i % 8 == 0)
                harm.Add(Store.Inboxes.RouteAsync(inboxes[i / 8].Address[3..], impossible, Cancel));
            asked.Add(Store.Inboxes.RouteAsync(inboxes[i % 8].Address[3..], "in", Cancel));
        }
        Assert.Equal(Enumerable.Range(0, 64).Select(i => (InboxRoute?)Tenant.RouteTo(inboxes[i % 8])), await Task.WhenAll(asked));
        Assert.All(await Task.WhenAll(harm), Assert.Null);
    }

    [Fact]
    public async Task Mail_is_routed_to_an_active_inbox_of_a_verified_domain()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync("in");
        Assert.Equal(Tenant.RouteTo(inbox), await Store.Inboxes.RouteAsync(tenant.Domain.Name, "in", Cancel));
        Assert.Null(await Store.Inboxes.RouteAsync(tenant.Domain.Name, "other", Cancel));
        Assert.Null(await Store.Inboxes.RouteAsync("elsewhere.example", "in", Cancel));
    }

    [Fact]
    public async Task Mail_is_routed_to_an_inbox_on_the_shared_domain()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync(domain: Shared);
        Assert.Equal(Tenant.RouteTo(inbox), await Store.Inboxes.RouteAsync(Shared.Name, inbox.LocalPart, Cancel));
    }

    [Fact]
    public async Task Mail_to_a_domain_that_is_not_verified_is_not_routed()
    {
        var tenant = await NewTenantAsync();
        var pending = await tenant.AddDomainAsync($"{EntityId.New("n")}.example");
        await tenant.AddInboxAsync("in", pending);
        Assert.Null(await Store.Inboxes.RouteAsync(pending.Name, "in", Cancel));
        Assert.False(await Store.Inboxes.IsLocalDomainAsync(pending.Name, Cancel));
        Assert.Null(await Store.Inboxes.FindByAddressAsync(tenant.OrgId, pending.Name, "in", Cancel));
    }

    [Fact]
    public async Task Of_one_address_in_two_organisations_the_one_that_verified_receives()
    {
        var (one, two) = (await NewTenantAsync(), await NewTenantAsync());
        var name = $"{EntityId.New("n")}.example";
        var (ofOne, ofTwo) = (await one.AddDomainAsync(name), await two.AddDomainAsync(name));
        await one.AddInboxAsync("ceo", ofOne);
        var inbox = await two.AddInboxAsync("ceo", ofTwo);
        await Store.Domains.SetStatusAsync(two.OrgId, ofTwo.Id, "verified", Now, Cancel);
        Assert.Equal(inbox.Id, (await Store.Inboxes.RouteAsync(name, "ceo", Cancel))?.InboxId);
    }

    [Fact]
    public async Task Mail_is_routed_as_soon_as_the_domain_is_verified_and_no_longer_when_it_fails()
    {
        var tenant = await NewTenantAsync();
        var domain = await tenant.AddDomainAsync($"{EntityId.New("n")}.example");
        var inbox = await tenant.AddInboxAsync("in", domain);
        await Store.Domains.SetStatusAsync(tenant.OrgId, domain.Id, "verified", Now, Cancel);
        Assert.Equal(inbox.Id, (await Store.Inboxes.RouteAsync(domain.Name, "in", Cancel))?.InboxId);
        await Store.Domains.SetStatusAsync(tenant.OrgId, domain.Id, "failed", Now, Cancel);
        Assert.Null(await Store.Inboxes.RouteAsync(domain.Name, "in", Cancel));
    }

    [Fact]
    public async Task Every_local_part_of_a_verified_domain_is_local()
    {
        var tenant = await NewTenantAsync();
        Assert.True(await Store.Inboxes.IsLocalDomainAsync(tenant.Domain.Name, Cancel));
        Assert.False(await Store.Inboxes.IsLocalDomainAsync("elsewhere.example", Cancel));
    }

    [Fact]
    public async Task An_inactive_inbox_is_not_routed_to_until_it_is_active_again()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync("in");
        Assert.Equal(InboxUpdate.Updated, await Store.Inboxes.UpdateAsync(inbox with { Status = "inactive" }, Cancel));
        Assert.Null(await Store.Inboxes.RouteAsync(tenant.Domain.Name, "in", Cancel));
        Assert.Equal("inactive", (await Store.Inboxes.GetAsync(tenant.OrgId, inbox.Id, Cancel))?.Status);
        Assert.Equal(InboxUpdate.Updated, await Store.Inboxes.UpdateAsync(inbox, Cancel));
        Assert.NotNull(await Store.Inboxes.RouteAsync(tenant.Domain.Name, "in", Cancel));
    }

    [Fact]
    public async Task An_address_that_mail_came_to_is_looked_up_anew_after_every_change()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync("busy");
        Task<InboxRoute?> RouteAsync() => Store.Inboxes.RouteAsync(tenant.Domain.Name, "busy", Cancel);
        Assert.Null((await RouteAsync())!.Screening);

        var screened = inbox with { Screening = new ScreeningSetting(SpamReject: 0.5, SpamQuarantine: null, InjectionReject: null, InjectionQuarantine: null) };
        Assert.Equal(InboxUpdate.Updated, await Store.Inboxes.UpdateAsync(screened, Cancel));
        Assert.Equal(0.5, (await RouteAsync())!.Screening?.SpamReject);

        Assert.Equal(InboxUpdate.Updated, await Store.Inboxes.UpdateAsync(screened with { Status = "inactive" }, Cancel));
        Assert.Null(await RouteAsync());
        Assert.Equal(InboxUpdate.Updated, await Store.Inboxes.UpdateAsync(screened, Cancel));
        Assert.NotNull(await RouteAsync());

        Assert.True(await Store.Inboxes.DeleteAsync(tenant.OrgId, inbox.Id, Cancel));
        Assert.Null(await RouteAsync());
    }

    [Fact]
    public async Task Update_writes_every_setting()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var changed = inbox with
        {
            DisplayName = "New",
            Webhook = new WebhookSetting("https://a.example/", ["*"], "whsec_y"),
            ExtractionSchema = "{}",
            LocalPart = EntityId.New("moved"),
        };
        Assert.Equal(InboxUpdate.Updated, await Store.Inboxes.UpdateAsync(changed, Cancel));
        Assert.Equivalent(changed with { SchemaVersion = 1 }, await Store.Inboxes.GetAsync(tenant.OrgId, inbox.Id, Cancel), strict: true);

        var cleared = changed with { DisplayName = null, Webhook = null, ExtractionSchema = null };
        Assert.Equal(InboxUpdate.Updated, await Store.Inboxes.UpdateAsync(cleared, Cancel));
        Assert.Equal(cleared with { SchemaVersion = 2 }, await Store.Inboxes.GetAsync(tenant.OrgId, inbox.Id, Cancel));
    }

    [Fact]
    public async Task A_new_local_part_takes_the_mail_and_frees_the_former()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync("before");
        Assert.Equal(InboxUpdate.Updated, await Store.Inboxes.UpdateAsync(inbox with { LocalPart = "after" }, Cancel));
        Assert.Equal(inbox.Id, (await Store.Inboxes.RouteAsync(tenant.Domain.Name, "after", Cancel))?.InboxId);
        Assert.Null(await Store.Inboxes.RouteAsync(tenant.Domain.Name, "before", Cancel));
        await tenant.AddInboxAsync("before");
    }

    [Fact]
    public async Task A_taken_local_part_is_refused_and_nothing_changes()
    {
        var tenant = await NewTenantAsync();
        var taken = await tenant.AddInboxAsync("taken");
        var inbox = await tenant.AddInboxAsync("mine");
        Assert.Equal(InboxUpdate.AddressTaken, await Store.Inboxes.UpdateAsync(inbox with { LocalPart = "taken", DisplayName = "X" }, Cancel));
        Assert.Equal(inbox, await Store.Inboxes.GetAsync(tenant.OrgId, inbox.Id, Cancel));
        Assert.Equal(taken.Id, (await Store.Inboxes.RouteAsync(tenant.Domain.Name, "taken", Cancel))?.InboxId);
        Assert.Equal(inbox.Id, (await Store.Inboxes.RouteAsync(tenant.Domain.Name, "mine", Cancel))?.InboxId);
    }

    [Fact]
    public async Task An_unknown_inbox_is_not_updated() =>
        Assert.Equal(InboxUpdate.NotFound, await Store.Inboxes.UpdateAsync((await NewTenantAsync()).NewInbox(), Cancel));

    [Fact]
    public async Task Deleting_hides_the_inbox_and_frees_its_address()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync("gone");
        Assert.True(await Store.Inboxes.DeleteAsync(tenant.OrgId, inbox.Id, Cancel));
        Assert.False(await Store.Inboxes.DeleteAsync(tenant.OrgId, inbox.Id, Cancel));
        Assert.Null(await Store.Inboxes.GetAsync(tenant.OrgId, inbox.Id, Cancel));
        Assert.Null(await Store.Inboxes.RouteAsync(tenant.Domain.Name, "gone", Cancel));
        Assert.Null(await Store.Inboxes.FindByAddressAsync(tenant.OrgId, tenant.Domain.Name, "gone", Cancel));
        Assert.Empty((await Store.Inboxes.ListAsync(tenant.OrgId, null, 10, null, Cancel)).Items);
        Assert.Equal(InboxUpdate.NotFound, await Store.Inboxes.UpdateAsync(inbox, Cancel));

        var heir = await tenant.AddInboxAsync("gone");
        Assert.Equal(heir.Id, (await Store.Inboxes.RouteAsync(tenant.Domain.Name, "gone", Cancel))?.InboxId);
    }

    [Fact]
    public async Task The_mail_of_a_deleted_inbox_stays_reachable_by_thread_and_message()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var mail = await tenant.ReceiveAsync(inbox, new Letter());
        await Store.Inboxes.DeleteAsync(tenant.OrgId, inbox.Id, Cancel);
        Assert.NotNull(await Store.Threads.GetAsync(tenant.OrgId, mail.ThreadId, Cancel));
        Assert.NotNull(await Store.Messages.GetAsync(tenant.OrgId, mail.MessageId, Cancel));
        Assert.NotNull(await Store.Messages.GetRawAsync(tenant.OrgId, mail.MessageId, Cancel));
        var query = new MessageQuery(tenant.OrgId, null, null, mail.ThreadId, null, null, null, SortOrder.Ascending, 10, null);
        Assert.Equal(mail.MessageId, Assert.Single((await Store.Messages.ListAsync(query, Cancel)).Items).Id);
    }

    [Fact]
    public async Task Inboxes_are_paged_oldest_first_of_all_domains_or_of_one()
    {
        var tenant = await NewTenantAsync();
        List<Inbox> all = [];
        for (var i = 0; i < 11; i++)
        {
            // Two of each millisecond: a page may end between them.
            var inbox = tenant.NewInbox(domain: i % 3 == 0 ? Shared : null) with { CreatedAt = Now + (i / 2) };
            await Store.Inboxes.CreateAsync(inbox, Cancel);
            all.Add(inbox);
        }

        foreach (var domainId in new[] { null, Shared.Id, tenant.Domain.Id })
        {
            List<Inbox> seen = [];
            PageCursor? cursor = null;
            do
            {
                var page = await Store.Inboxes.ListAsync(tenant.OrgId, domainId, 3, cursor, Cancel);
                Assert.InRange(page.Items.Count, 1, 3);
                seen.AddRange(page.Items);
                cursor = page.Next;
            }
            while (cursor is not null);
            Assert.Equal(seen.OrderBy(i => i.CreatedAt).Select(i => i.Id), seen.Select(i => i.Id));
            var expected = all.Where(i => domainId is null || i.DomainId == domainId).Select(i => i.Id);
            Assert.Equal(expected.Order(StringComparer.Ordinal), seen.Select(i => i.Id).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task An_inbox_is_found_by_address_by_its_organisation_only()
    {
        var (owner, other) = (await NewTenantAsync(), await NewTenantAsync());
        var inbox = await owner.AddInboxAsync(domain: Shared);
        Assert.Equal(inbox, await Store.Inboxes.FindByAddressAsync(owner.OrgId, Shared.Name, inbox.LocalPart, Cancel));
        Assert.Null(await Store.Inboxes.FindByAddressAsync(other.OrgId, Shared.Name, inbox.LocalPart, Cancel));
    }

    [Fact]
    public async Task The_owner_of_a_domain_is_reached_by_the_oldest_inbox_that_is_active()
    {
        var (owner, other) = (await NewTenantAsync(), await NewTenantAsync());
        await other.AddInboxAsync();
        Assert.Null(await Store.Inboxes.RouteToOwnerAsync(owner.Domain.Name, Cancel));

        List<Inbox> inboxes = [];
        for (var i = 0; i < 3; i++)
        {
            inboxes.Add(await owner.AddInboxAsync(domain: i == 1 ? Shared : null));
            Engine.Time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Equal(Tenant.RouteTo(inboxes[0]), await Store.Inboxes.RouteToOwnerAsync(owner.Domain.Name, Cancel));
        Assert.Equal(InboxUpdate.Updated, await Store.Inboxes.UpdateAsync(inboxes[0] with { Status = "inactive" }, Cancel));
        Assert.Equal(Tenant.RouteTo(inboxes[1]), await Store.Inboxes.RouteToOwnerAsync(owner.Domain.Name, Cancel));
        Assert.True(await Store.Inboxes.DeleteAsync(owner.OrgId, inboxes[1].Id, Cancel));
        Assert.Equal(Tenant.RouteTo(inboxes[2]), await Store.Inboxes.RouteToOwnerAsync(owner.Domain.Name, Cancel));
    }

    [Fact]
    public async Task A_domain_that_is_not_verified_has_no_owner()
    {
        var tenant = await NewTenantAsync();
        var pending = await tenant.AddDomainAsync($"{EntityId.New("p")}.example");
        await tenant.AddInboxAsync(domain: pending);
        Assert.Null(await Store.Inboxes.RouteToOwnerAsync(pending.Name, Cancel));
        Assert.Null(await Store.Inboxes.RouteToOwnerAsync("nowhere.example", Cancel));
    }
}
