using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

/// <summary>Another organisation's id is an unknown id, in every method that takes one.</summary>
public abstract class TenancyCompliance(Engine engine) : StoreCompliance(engine)
{
    /// <summary>An owner with one of everything, and a stranger with an inbox of its own.</summary>
    private sealed record Estate(
        Tenant Owner, Inbox Inbox, AcceptedDelivery Received, OutboundMail Sent, Attachment Upload, Tenant Stranger, Inbox StrangersInbox);

    private async Task<Estate> BeginAsync()
    {
        var (owner, stranger) = (await NewTenantAsync(), await NewTenantAsync());
        var (inbox, strangersInbox) = (await owner.AddInboxAsync(), await stranger.AddInboxAsync());
        var received = await owner.ReceiveAsync(inbox, new Letter { Attachments = [new("2", "a.txt", "text/plain", 1, null)] });
        var sent = owner.Outgoing(inbox) with { Idempotency = new IdempotencyClaim("k", new byte[32], 202, [1]) };
        await owner.SendAsync(sent);
        var upload = new Attachment(owner.OrgId, EntityId.New("att_"), null, null, new string('a', 64), "b.pdf", "application/pdf", 3, null, Now);
        Assert.True(await Store.Messages.AddAttachmentAsync(upload, quota: null, Cancel));
        return new Estate(owner, inbox, received, sent, upload, stranger, strangersInbox);
    }

    [Fact]
    public async Task Domains()
    {
        var estate = await BeginAsync();
        var (owner, stranger) = (estate.Owner, estate.Stranger.OrgId);
        Assert.Null(await Store.Domains.GetAsync(stranger, owner.Domain.Id, Cancel));
        Assert.Empty(await Store.Domains.GetDkimKeysAsync(stranger, owner.Domain.Id, Cancel));
        Assert.DoesNotContain((await Store.Domains.ListAsync(stranger, 100, null, Cancel)).Items, d => d.Id == owner.Domain.Id);
        Assert.False(await Store.Domains.SetStatusAsync(stranger, owner.Domain.Id, "failed", Now, Cancel));
        Assert.Equal("verified", (await Store.Domains.GetAsync(owner.OrgId, owner.Domain.Id, Cancel))?.Status);
        Assert.Equal(owner.OrgId, (await Store.Domains.FindVerifiedAsync(owner.Domain.Name, Cancel))?.OrgId);
    }

    [Fact]
    public async Task Domains_that_could_be_deleted()
    {
        var (owner, stranger) = (await NewTenantAsync(), await NewTenantAsync());
        Assert.False(await Store.Domains.DeleteAsync(stranger.OrgId, owner.Domain.Id, Cancel));
        Assert.NotNull(await Store.Domains.FindVerifiedAsync(owner.Domain.Name, Cancel));
        Assert.NotEmpty(await Store.Domains.GetDkimKeysAsync(owner.OrgId, owner.Domain.Id, Cancel));
    }

    [Fact]
    public async Task Api_keys()
    {
        var (owner, stranger) = (await NewTenantAsync(), await NewTenantAsync());
        var key = new ApiKey(owner.OrgId, EntityId.New("key_"), "n", "comm_0000000", ["admin"], "active", null, null, Now);
        var hash = System.Security.Cryptography.RandomNumberGenerator.GetBytes(32);
        await Store.ApiKeys.CreateAsync(key, hash, Cancel);
        Assert.False(await Store.ApiKeys.RevokeAsync(stranger.OrgId, key.Id, Cancel));
        Assert.Equal("active", (await Store.ApiKeys.FindByHashAsync(hash, Cancel))?.Status);
        Assert.Empty((await Store.ApiKeys.ListAsync(stranger.OrgId, 100, null, Cancel)).Items);
    }

    [Fact]
    public async Task Inboxes()
    {
        var estate = await BeginAsync();
        var (inbox, stranger) = (estate.Inbox, estate.Stranger.OrgId);
        Assert.Null(await Store.Inboxes.GetAsync(stranger, inbox.Id, Cancel));
        Assert.Null(await Store.Inboxes.FindByAddressAsync(stranger, inbox.DomainName, inbox.LocalPart, Cancel));
        Assert.DoesNotContain((await Store.Inboxes.ListAsync(stranger, null, 100, null, Cancel)).Items, i => i.Id == inbox.Id);
        Assert.Empty((await Store.Inboxes.ListAsync(stranger, inbox.DomainId, 100, null, Cancel)).Items);
        Assert.Equal(InboxUpdate.NotFound, await Store.Inboxes.UpdateAsync(inbox with { OrgId = stranger, LocalPart = "stolen" }, Cancel));
        Assert.False(await Store.Inboxes.DeleteAsync(stranger, inbox.Id, Cancel));
        Assert.Equal(Tenant.RouteTo(inbox), await Store.Inboxes.RouteAsync(inbox.DomainName, inbox.LocalPart, Cancel));
        Assert.Equal(inbox, await Store.Inboxes.GetAsync(estate.Owner.OrgId, inbox.Id, Cancel));
    }

    [Fact]
    public async Task Threads()
    {
        var estate = await BeginAsync();
        var (thread, stranger) = (estate.Received.ThreadId, estate.Stranger);
        Assert.Null(await Store.Threads.GetAsync(stranger.OrgId, thread, Cancel));
        Assert.Null(await Store.Threads.ChangeTriageAsync(stranger.OrgId, thread, new TriageChange("closed"), Now, Cancel));
        Assert.Equal("open", (await estate.Owner.ThreadAsync(thread)).Triage.Status);
        Assert.Empty((await Store.Threads.ListAsync(stranger.Threads(estate.Inbox), Cancel)).Items);
        Assert.Empty((await Store.Threads.ListAsync(stranger.Threads() with { DomainId = estate.Inbox.DomainId }, Cancel)).Items);
        var context = await Store.Threads.GetReplyContextAsync(stranger.OrgId, thread, Cancel);
        Assert.Null(context.InReplyTo);
        Assert.Empty(context.References);
    }

    [Fact]
    public async Task Messages_and_attachments()
    {
        var estate = await BeginAsync();
        var stranger = estate.Stranger;
        var message = await estate.Owner.MessageAsync(estate.Received.MessageId);
        Assert.Null(await Store.Messages.GetAsync(stranger.OrgId, message.Id, Cancel));
        Assert.Null(await Store.Messages.GetRawAsync(stranger.OrgId, message.Id, Cancel));
        Assert.Null(await Store.Messages.GetAttachmentAsync(stranger.OrgId, message.AttachmentIds[0], Cancel));
        Assert.Null(await Store.Messages.GetAttachmentAsync(stranger.OrgId, estate.Upload.Id, Cancel));
        var query = new MessageQuery(stranger.OrgId, null, null, null, null, null, null, SortOrder.Ascending, 100, null);
        Assert.Empty((await Store.Messages.ListAsync(query with { InboxId = estate.Inbox.Id }, Cancel)).Items);
        Assert.Empty((await Store.Messages.ListAsync(query with { DomainId = estate.Inbox.DomainId }, Cancel)).Items);
        Assert.Empty((await Store.Messages.ListAsync(query with { ThreadId = message.ThreadId }, Cancel)).Items);
        Assert.Empty((await Store.Messages.ListAsync(query with { Sender = "ada@example.org" }, Cancel)).Items);
    }

    [Fact]
    public async Task Sending_into_anothers_thread_or_inbox()
    {
        var estate = await BeginAsync();
        var stranger = estate.Stranger;
        var intoThread = stranger.Outgoing(estate.StrangersInbox) with { ThreadId = estate.Received.ThreadId };
        Assert.IsType<QueueResult.Gone>(await Store.Outbound.QueueAsync(intoThread, Cancel));
        var fromInbox = stranger.Outgoing(estate.Inbox);
        Assert.IsType<QueueResult.Gone>(await Store.Outbound.QueueAsync(fromInbox, Cancel));
        Assert.Null(await Store.Messages.GetAsync(stranger.OrgId, fromInbox.MessageId, Cancel));
        Assert.Equal(1, (await estate.Owner.ThreadAsync(estate.Received.ThreadId)).MessageCount);
    }

    [Fact]
    public async Task Sending_anothers_upload_does_not_bind_it()
    {
        var estate = await BeginAsync();
        var mail = estate.Stranger.Outgoing(estate.StrangersInbox);
        var stolen = estate.Upload with { OrgId = estate.Stranger.OrgId, MessageId = mail.MessageId };
        await Store.Outbound.QueueAsync(mail with { Attachments = [stolen] }, Cancel);
        Assert.Null((await Store.Messages.GetAttachmentAsync(estate.Owner.OrgId, estate.Upload.Id, Cancel))?.MessageId);
    }

    [Fact]
    public async Task Deliveries()
    {
        var estate = await BeginAsync();
        var (sent, stranger) = (estate.Sent, estate.Stranger.OrgId);
        Assert.Empty(await Store.Outbound.GetRecipientsAsync(stranger, sent.MessageId, Cancel));
        Assert.Null(await Store.Outbound.LoadAsync(new DeliverPayload(stranger, sent.MessageId, "example.org"), Cancel));
        Assert.Null(await Store.Outbound.FindIdempotentAsync(stranger, "k", new byte[32], Now, Cancel));
        Assert.Equal(0, (await Store.Outbound.GetUsageAsync(stranger, Now, Cancel)).LastDay);
    }

    [Fact]
    public async Task Mail_for_an_inbox_under_anothers_name()
    {
        var estate = await BeginAsync();
        var route = Tenant.RouteTo(estate.Inbox) with { OrgId = estate.Stranger.OrgId };
        Assert.True(Assert.Single(await Store.Inbound.AcceptAsync(Tenant.InboundTo(new Letter(), Now, route), Cancel)).InboxGone);
        Assert.Equal(2, (await estate.Owner.AllMessagesAsync(estate.Owner.Messages(estate.Inbox))).Count);
    }

    [Fact]
    public async Task Tokens_and_ids_of_another_organisations_threads()
    {
        var estate = await BeginAsync();
        var thread = await estate.Owner.ThreadAsync(estate.Received.ThreadId);
        var message = await estate.Owner.MessageAsync(estate.Received.MessageId);
        var letter = Letter.AnswerTo(message.SmtpMessageId!) with { Token = thread.ReplyToken };
        var stored = await estate.Stranger.ReceiveAsync(estate.StrangersInbox, letter);
        Assert.NotEqual(thread.Id, stored.ThreadId);
        Assert.Equal(1, (await estate.Owner.ThreadAsync(thread.Id)).MessageCount);
    }

    [Fact]
    public async Task Events()
    {
        var estate = await BeginAsync();
        Assert.Empty(await Store.Events.ReadAsync(estate.Stranger.OrgId, 0, 100, Cancel));
        Assert.All(await estate.Owner.AllEventsAsync(), e => Assert.Equal(estate.Owner.OrgId, e.OrgId));
    }
}
