using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

public abstract class SenderListCompliance(Engine engine) : StoreCompliance(engine)
{
    [Fact]
    public async Task Lists_are_kept_told_by_the_route_and_gone_when_they_say_nothing()
    {
        var (tenant, stranger) = (await NewTenantAsync(), await NewTenantAsync());
        var inbox = await tenant.AddInboxAsync("front");
        Assert.True((await Store.SenderLists.GetAsync(tenant.OrgId, inbox.Id, Cancel)).IsNone);
        Assert.False((await Store.Inboxes.RouteAsync(inbox.DomainName, "front", Cancel))!.HasSenderLists);

        await Store.SenderLists.SetAsync(tenant.OrgId, inbox.Id, new SenderLists(SenderLists.AllowOnly, ["kim@example.com", "@example.org"], ["@bad.example"]), Now, Cancel);
        await Store.SenderLists.SetAsync(tenant.OrgId, inbox.Id, new SenderLists(SenderLists.AllowOnly, ["kim@example.com"], ["@bad.example"]), Now, Cancel);
        var kept = await Node(1).SenderLists.GetAsync(tenant.OrgId, inbox.Id, Cancel);
        Assert.Equal((SenderLists.AllowOnly, "kim@example.com", "@bad.example"), (kept.Mode, Assert.Single(kept.Allow), Assert.Single(kept.Block)));
        Assert.True((await Store.Inboxes.RouteAsync(inbox.DomainName, "front", Cancel))!.HasSenderLists);
        Assert.True((await Store.SenderLists.GetAsync(stranger.OrgId, inbox.Id, Cancel)).IsNone);

        await Store.SenderLists.SetAsync(tenant.OrgId, inbox.Id, SenderLists.None, Now, Cancel);
        Assert.False((await Store.Inboxes.RouteAsync(inbox.DomainName, "front", Cancel))!.HasSenderLists);
    }

    [Theory]
    [InlineData("kim@example.com", true)]
    [InlineData("ada@example.com", false)]
    [InlineData("any@example.org", true)]
    [InlineData("any@sub.example.org", false)]
    [InlineData("any@sub.example.net", true)]
    [InlineData("any@a.b.example.net", true)]
    [InlineData("any@example.net", false)]
    [InlineData("any@evilexample.org", false)]
    [InlineData("", false)]
    public void Entries_are_addresses_domains_and_what_is_below_them(string address, bool named)
    {
        var lists = new SenderLists(SenderLists.All, [], ["kim@example.com", "@example.org", "@.example.net"]);
        Assert.Equal(named, lists.Blocks(address));
    }

    [Fact]
    public async Task A_blocked_delivery_is_stored_marked_and_told_to_no_webhook_of_the_inbox()
    {
        var tenant = await NewTenantAsync();
        var inboxes = new List<Inbox>();
        for (var i = 0; i < 2; i++)
        {
            inboxes.Add(tenant.NewInbox() with { Webhook = new WebhookSetting("https://hooks.example/x", ["*"], "whsec_x") });
            Assert.True(await Store.Inboxes.CreateAsync(inboxes[i], Cancel));
        }
        var mail = Tenant.Inbound(new Letter { Metadata = "{\"a\":1}" }, Now, [.. inboxes]);
        mail = mail with { Deliveries = [mail.Deliveries[0] with { Blocked = true }, mail.Deliveries[1]] };
        var stored = await Store.Inbound.AcceptAsync(mail, Cancel);
        Assert.Equal(["message.blocked", "message.received"], await tenant.EventTypesAsync());
        var metadata = System.Text.Json.JsonDocument.Parse((await tenant.MessageAsync(stored[0].MessageId)).Metadata!).RootElement;
        Assert.True(metadata.GetProperty("blocked").GetBoolean());
        Assert.Equal(1, metadata.GetProperty("a").GetInt32());
        Assert.DoesNotContain("blocked", (await tenant.MessageAsync(stored[1].MessageId)).Metadata!, StringComparison.Ordinal);
        var delivery = Assert.Single((await Store.Webhooks.ListAsync(new WebhookQuery(tenant.OrgId, null, null, null, 10, 0, null), Cancel)).Page.Items);
        Assert.Equal(inboxes[1].Id, delivery.InboxId);
    }
}
