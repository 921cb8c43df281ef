using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

public abstract class MessageListCompliance(Engine engine) : StoreCompliance(engine)
{
    private async Task<(Tenant Tenant, Inbox Inbox, List<MailMessage> Messages)> BeginAsync(int count)
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        List<MailMessage> messages = [];
        for (var i = 0; i < count; i++)
        {
            var stored = await tenant.ReceiveAsync(inbox, new Letter { Subject = $"s{i}", From = i % 2 == 0 ? "even@example.org" : "odd@example.org" });
            messages.Add(await tenant.MessageAsync(stored.MessageId));
        }

        return (tenant, inbox, messages);
    }

    private async Task<List<string>> IdsAsync(Tenant tenant, MessageQuery query) => [.. (await tenant.AllMessagesAsync(query)).Select(m => m.Id)];

    [Theory]
    [InlineData(SortOrder.Ascending)]
    [InlineData(SortOrder.Descending)]
    public async Task Messages_are_paged_by_time_in_both_orders(SortOrder order)
    {
        var (tenant, inbox, messages) = await BeginAsync(11);
        List<string> expected = [.. messages.Select(m => m.Id)];
        if (order == SortOrder.Descending)
            expected.Reverse();
        Assert.Equal(expected, await IdsAsync(tenant, tenant.Messages(inbox, order, limit: 3)));
    }

    [Fact]
    public async Task A_listed_message_is_the_message_that_is_found_by_id()
    {
        var (tenant, inbox, messages) = await BeginAsync(1);
        Assert.Equivalent(messages[0], Assert.Single((await Store.Messages.ListAsync(tenant.Messages(inbox), Cancel)).Items), strict: true);
    }

    [Fact]
    public async Task The_last_page_has_no_cursor()
    {
        var (tenant, inbox, _) = await BeginAsync(3);
        Assert.NotNull((await Store.Messages.ListAsync(tenant.Messages(inbox, limit: 2), Cancel)).Next);
        Assert.Null((await Store.Messages.ListAsync(tenant.Messages(inbox, limit: 3), Cancel)).Next);
    }

    [Fact]
    public async Task Before_and_after_leave_their_own_moment_out()
    {
        var (tenant, inbox, messages) = await BeginAsync(5);
        var query = tenant.Messages(inbox) with { After = messages[1].CreatedAt, Before = messages[4].CreatedAt };
        Assert.Equal([messages[2].Id, messages[3].Id], await IdsAsync(tenant, query));
    }

    [Fact]
    public async Task A_sender_lists_its_messages_in_all_inboxes()
    {
        var (tenant, _, messages) = await BeginAsync(4);
        var other = await tenant.AddInboxAsync();
        var third = await tenant.ReceiveAsync(other, new Letter { From = "even@example.org" });
        var query = new MessageQuery(tenant.OrgId, null, null, null, "even@example.org", null, null, SortOrder.Ascending, 100, null);
        Assert.Equal([messages[0].Id, messages[2].Id, third.MessageId], await IdsAsync(tenant, query));
    }

    [Fact]
    public async Task All_filters_must_match()
    {
        var (tenant, inbox, messages) = await BeginAsync(4);
        var other = await tenant.AddInboxAsync();
        await tenant.ReceiveAsync(other, new Letter { From = "odd@example.org" });
        Assert.Equal([messages[1].Id, messages[3].Id], await IdsAsync(tenant, tenant.Messages(inbox) with { Sender = "odd@example.org" }));
        var all = tenant.Messages(inbox) with { Sender = "odd@example.org", DomainId = tenant.Domain.Id, ThreadId = messages[1].ThreadId };
        Assert.Equal([messages[1].Id], await IdsAsync(tenant, all));
        Assert.Empty(await IdsAsync(tenant, all with { DomainId = Engine.Bootstrap.SharedDomain.Id }));
    }

    [Fact]
    public async Task A_domain_lists_the_messages_of_its_inboxes()
    {
        var (tenant, _, messages) = await BeginAsync(2);
        var elsewhere = await tenant.AddInboxAsync(domain: Engine.Bootstrap.SharedDomain);
        var shared = await tenant.ReceiveAsync(elsewhere, new Letter());
        Assert.Equal(messages.Select(m => m.Id), await IdsAsync(tenant, tenant.Messages()));
        Assert.Equal([shared.MessageId], await IdsAsync(tenant, tenant.Messages() with { DomainId = Engine.Bootstrap.SharedDomain.Id }));
    }

    [Fact]
    public async Task A_thread_lists_what_was_received_and_sent_in_order()
    {
        var (tenant, inbox, messages) = await BeginAsync(2);
        var answer = tenant.Outgoing(inbox) with { ThreadId = messages[0].ThreadId };
        await tenant.SendAsync(answer);
        var query = new MessageQuery(tenant.OrgId, null, null, messages[0].ThreadId, null, null, null, SortOrder.Ascending, 100, null);
        Assert.Equal([messages[0].Id, answer.MessageId], await IdsAsync(tenant, query));
    }

    [Fact]
    public async Task Messages_of_one_commit_are_paged_once_each()
    {
        var tenant = await NewTenantAsync();
        List<Inbox> inboxes = [];
        for (var i = 0; i < 9; i++)
            inboxes.Add(await tenant.AddInboxAsync());
        var stored = await Store.Inbound.AcceptAsync(Tenant.Inbound(new Letter(), Now, [.. inboxes]), Cancel);
        foreach (var order in new[] { SortOrder.Ascending, SortOrder.Descending })
        {
            var seen = await IdsAsync(tenant, tenant.Messages(order: order, limit: 2));
            Assert.Equal(stored.Select(s => s.MessageId).Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task A_reader_that_goes_on_behind_the_last_message_misses_none_while_8_writers_write()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var writers = AllAtOnceAsync(8, async i =>
        {
            List<string> ids = [];
            for (var n = 0; n < 25; n++)
                ids.Add((await tenant.ReceiveAsync(inbox, new Letter(), Node(i))).MessageId);
            return ids;
        });

        List<MailMessage> seen = [];
        bool finished;
        do
        {
            finished = writers.IsCompleted;
            var query = tenant.Messages(inbox, limit: 5) with { After = seen.Count == 0 ? null : seen[^1].CreatedAt };
            seen.AddRange(await tenant.AllMessagesAsync(query));
        }
        while (!finished);

        var written = (await writers).SelectMany(ids => ids);
        Assert.Equal(written.Order(StringComparer.Ordinal), seen.Select(m => m.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_uploaded_attachment_comes_back_unbound()
    {
        var tenant = await NewTenantAsync();
        var upload = new Attachment(tenant.OrgId, EntityId.New("att_"), null, null, new string('a', 64), "b.pdf", "application/pdf", 3, null, Now);
        Assert.True(await Store.Messages.AddAttachmentAsync(upload, quota: null, Cancel));
        Assert.Equal(upload, await Store.Messages.GetAttachmentAsync(tenant.OrgId, upload.Id, Cancel));
    }

    [Fact]
    public async Task Uploads_stop_at_the_quota_of_their_organisation_also_when_they_come_at_once()
    {
        var (tenant, other) = (await NewTenantAsync(), await NewTenantAsync());
        Assert.True(await Store.Messages.AddAttachmentAsync(Upload(other, 100), quota: 100, Cancel));

        var taken = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Store.Messages.AddAttachmentAsync(Upload(tenant, 30), quota: 100, Cancel)));
        Assert.Equal(3, taken.Count(static t => t));
        Assert.True(await Store.Messages.AddAttachmentAsync(Upload(tenant, 10), quota: 100, Cancel));
        Assert.False(await Store.Messages.AddAttachmentAsync(Upload(tenant, 1), quota: 100, Cancel));

        Attachment Upload(Tenant tenant, long size) =>
            new(tenant.OrgId, EntityId.New("att_"), null, null, new string('a', 64), "b.pdf", "application/pdf", size, null, Now);
    }

    [Fact]
    public async Task Unknown_ids_find_nothing()
    {
        var tenant = await NewTenantAsync();
        Assert.Null(await Store.Messages.GetAsync(tenant.OrgId, "msg_unknown", Cancel));
        Assert.Null(await Store.Messages.GetRawAsync(tenant.OrgId, "msg_unknown", Cancel));
        Assert.Null(await Store.Messages.GetAttachmentAsync(tenant.OrgId, "att_unknown", Cancel));
    }
}
