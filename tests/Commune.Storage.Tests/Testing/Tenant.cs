using System.Security.Cryptography;
using System.Text;
using Commune.Peers;

namespace Commune.Storage.Tests.Testing;

/// <summary>An organisation with a verified domain, and what tests do in its name.</summary>
public sealed class Tenant
{
    private readonly ManualTimeProvider time;

    private Tenant(IStore store, ManualTimeProvider time, Organisation organisation, Domain domain)
    {
        this.time = time;
        Store = store;
        Organisation = organisation;
        Domain = domain;
    }

    public IStore Store { get; }

    public Organisation Organisation { get; }

    public string OrgId => Organisation.Id;

    public Domain Domain { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private long Now => time.UnixMilliseconds;

    public static async Task<Tenant> CreateAsync(IStore store, ManualTimeProvider time)
    {
        var at = time.UnixMilliseconds;
        var id = EntityId.New("org_");
        var organisation = new Organisation(id, "Some company", id, "pro", "active", at, at);
        Assert.True(await store.Organisations.CreateAsync(organisation, Cancel));
        var domain = NewDomain(id, $"{EntityId.New("n")}.example", at);
        Assert.Equal(DomainCreation.Created, await store.Domains.CreateAsync(domain, NewKey(domain), Cancel));
        Assert.True(await store.Domains.SetStatusAsync(id, domain.Id, "verified", at, Cancel));
        return new Tenant(store, time, organisation, (await store.Domains.GetAsync(id, domain.Id, Cancel))!);
    }

    public static Domain NewDomain(string orgId, string name, long at) =>
        new(orgId, EntityId.New("d_"), name, "pending", null, Shared: false, at, null);

    public static DkimKey NewKey(Domain domain, string selector = "commune") =>
        new(domain.OrgId, domain.Id, selector, "rsa-sha256", "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n", "AA==", domain.CreatedAt);

    /// <summary>Adds a domain of this organisation that is not verified.</summary>
    public async Task<Domain> AddDomainAsync(string name)
    {
        var domain = NewDomain(OrgId, name, Now);
        Assert.Equal(DomainCreation.Created, await Store.Domains.CreateAsync(domain, NewKey(domain), Cancel));
        return domain;
    }

    public Inbox NewInbox(string? localPart = null, Domain? domain = null) =>
        new(OrgId, EntityId.New("i_"), (domain ?? Domain).Id, (domain ?? Domain).Name, localPart ?? EntityId.New("box"),
            null, null, null, "active", Now);

    public async Task<Inbox> AddInboxAsync(string? localPart = null, Domain? domain = null)
    {
        var inbox = NewInbox(localPart, domain);
        Assert.True(await Store.Inboxes.CreateAsync(inbox, Cancel));
        return inbox;
    }

    public static InboxRoute RouteTo(Inbox inbox) => new(inbox.OrgId, inbox.Id, inbox.DomainId, inbox.Address);

    public async Task<AcceptedDelivery> ReceiveAsync(Inbox inbox, Letter letter, IStore? node = null) =>
        Assert.Single(await (node ?? Store).Inbound.AcceptAsync(Inbound(letter, Now, inbox), Cancel));

    public static InboundMail Inbound(Letter letter, long at, params Inbox[] inboxes) => InboundTo(letter, at, [.. inboxes.Select(RouteTo)]);

    public static InboundMail InboundTo(Letter letter, long at, params InboxRoute[] routes)
    {
        var moment = DateTimeOffset.FromUnixTimeMilliseconds(at);
        var raw = letter.Raw ?? Encoding.UTF8.GetBytes($"Message-ID: {letter.MessageId}\r\nSubject: {letter.Subject}\r\n\r\n{letter.Text}\r\n");
        return new InboundMail
        {
            Raw = new RawMessage(raw, SHA256.HashData(raw), raw.Length),
            Deliveries = [.. routes.Select(route =>
            {
                var threadId = EntityId.NewSortable("conv_", moment);
                return new InboundDelivery(route, EntityId.NewSortable("msg_", moment), threadId, ReplyToken.New(threadId), letter.Token,
                    [.. letter.Attachments.Select(_ => EntityId.New("att_"))]);
            })],
            Subject = letter.Subject,
            SubjectKey = letter.SubjectKey,
            IsReply = letter.IsReply,
            Participants = [new("sender", letter.From, "Ada"), .. routes.Select(r => new Participant("to", r.Address, null))],
            Content = letter.Text,
            ContentHtml = letter.Html,
            Snippet = letter.Text.Length > 200 ? letter.Text[..200] : letter.Text,
            SmtpMessageId = letter.MessageId,
            InReplyTo = letter.InReplyTo,
            References = letter.References,
            Attachments = letter.Attachments,
            Metadata = letter.Metadata,
            RetryKey = letter.RetryKey,
            WaitForExtraction = letter.WaitForExtraction,
            ReceivedAt = at,
        };
    }

    /// <summary>A mail from the inbox to each address, in a new thread.</summary>
    public OutboundMail Outgoing(Inbox inbox, params string[] to)
    {
        var moment = time.GetUtcNow();
        var smtpId = $"<{EntityId.New("")}@{inbox.DomainName}>";
        var raw = Encoding.UTF8.GetBytes($"Message-ID: {smtpId}\r\nSubject: Offer\r\n\r\nDear all\r\n");
        var threadId = EntityId.NewSortable("conv_", moment);
        string[] recipients = to.Length > 0 ? to : ["ada@example.org"];
        return new OutboundMail
        {
            OrgId = OrgId,
            InboxId = inbox.Id,
            DomainId = inbox.DomainId,
            MessageId = EntityId.NewSortable("msg_", moment),
            ThreadId = null,
            NewThreadId = threadId,
            NewReplyToken = ReplyToken.New(threadId),
            Raw = new RawMessage(raw, SHA256.HashData(raw), raw.Length),
            Subject = "Offer",
            SubjectKey = "offer",
            Participants = [new("sender", inbox.Address, null), .. recipients.Select(a => new Participant("to", a, null))],
            Content = "Dear all",
            ContentHtml = "<p>Dear all</p>",
            Snippet = "Dear all",
            SmtpMessageId = smtpId,
            InReplyTo = null,
            References = [],
            Attachments = [],
            Recipients = [.. recipients.Select(a => new OutboundRecipient(a, a[(a.IndexOf('@', StringComparison.Ordinal) + 1)..]))],
            At = Now,
        };
    }

    public async Task<QueueResult.Queued> SendAsync(OutboundMail mail, IStore? node = null) =>
        Assert.IsType<QueueResult.Queued>(await (node ?? Store).Outbound.QueueAsync(mail, Cancel));

    public async Task<MailThread> ThreadAsync(string threadId) => (await Store.Threads.GetAsync(OrgId, threadId, Cancel))!;

    public async Task<MailMessage> MessageAsync(string messageId) => (await Store.Messages.GetAsync(OrgId, messageId, Cancel))!;

    public ThreadQuery Threads(Inbox? inbox = null, SortOrder order = SortOrder.Descending, int limit = 100, PageCursor? cursor = null) =>
        new(OrgId, inbox?.Id, inbox is null ? Domain.Id : null, null, null, null, order, limit, cursor);

    public MessageQuery Messages(Inbox? inbox = null, SortOrder order = SortOrder.Ascending, int limit = 1000, PageCursor? cursor = null) =>
        new(OrgId, inbox?.Id, inbox is null ? Domain.Id : null, null, null, null, null, order, limit, cursor);

    /// <summary>Walks all pages of the messages that match.</summary>
    public async Task<List<MailMessage>> AllMessagesAsync(MessageQuery query)
    {
        List<MailMessage> all = [];
        for (PageCursor? cursor = null; ;)
        {
            var page = await Store.Messages.ListAsync(query with { Cursor = cursor }, Cancel);
            all.AddRange(page.Items);
            if (page.Next is null)
                return all;
            cursor = page.Next;
        }
    }

    /// <summary>The whole log of the organisation, read in pages.</summary>
    public async Task<List<MailEvent>> AllEventsAsync()
    {
        List<MailEvent> all = [];
        while (await Store.Events.ReadAsync(OrgId, all.Count == 0 ? 0 : all[^1].Sequence, 500, Cancel) is { Count: > 0 } page)
            all.AddRange(page);
        return all;
    }

    public async Task<List<string>> EventTypesAsync() => [.. (await AllEventsAsync()).Select(e => e.Type)];
}
