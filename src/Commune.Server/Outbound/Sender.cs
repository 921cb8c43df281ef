using Commune.Mail.Addresses;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Outbound;

/// <summary>Who sends: the inbox that keeps the message, the address in From, and the domain whose key signs.</summary>
public sealed record Sender(Inbox Inbox, Mailbox From, Domain Domain);

/// <summary>
/// Finds the sender as contract section 10 says: <c>from</c>, then <c>inbox_id</c>, the thread's inbox, <c>domain_id</c>, the oldest inbox.
/// </summary>
public sealed class SenderResolver(IStore store, TimeProvider time)
{
    /// <summary>The local part that sends for a domain without inboxes.</summary>
    private const string StandardLocalPart = "agent";

    /// <exception cref="ApiException">400, 403 or 404, with what to do.</exception>
    public async Task<Sender> ResolveAsync(string orgId, SendRequest request, MailThread? thread, CancellationToken cancellation)
    {
        var inbox = await NamedInboxAsync(orgId, request, thread, cancellation);
        var sender = request.From is { } from
            ? await FromAddressAsync(orgId, from, inbox, cancellation)
            : await FromInboxAsync(orgId, inbox ?? await StandardInboxAsync(orgId, request, cancellation), cancellation);
        if (sender.Inbox.Status != "active")
            throw ApiException.Forbidden($"{sender.Inbox.Address} is inactive; set its status to active to send from it", "inbox_inactive");
        return sender;
    }

    /// <summary>The inbox that the request names, itself or by its thread.</summary>
    private async Task<Inbox?> NamedInboxAsync(string orgId, SendRequest request, MailThread? thread, CancellationToken cancellation)
    {
        var inbox = request.InboxId is { } id
            ? await store.Inboxes.GetAsync(orgId, id, cancellation) ?? throw ApiException.NotFound("Inbox")
            : null;
        if (request.DomainId is { } domainId && await store.Domains.GetAsync(orgId, domainId, cancellation) is null)
            throw ApiException.NotFound("Domain");
        if (thread is null)
            return inbox;
        if (inbox is not null && inbox.Id != thread.InboxId)
            throw ApiException.Invalid("thread_id", $"The thread belongs to inbox {thread.InboxId}; reply from there, or leave out inbox_id");
        return inbox ?? await store.Inboxes.GetAsync(orgId, thread.InboxId, cancellation)
            ?? throw ApiException.Forbidden("The inbox of this thread was deleted, so it cannot be answered", "inbox_deleted");
    }

    private async Task<Sender> FromAddressAsync(string orgId, Mailbox from, Inbox? inbox, CancellationToken cancellation)
    {
        var foreign = ApiException.Forbidden(
            $"{from.Address} is not yours to send from: use the address of one of your inboxes or any address at a verified domain of yours", "sender_not_allowed");
        var domain = await store.Domains.FindVerifiedAsync(from.AsciiDomain.ToLowerInvariant(), cancellation) ?? throw foreign;
        var own = await store.Inboxes.FindByAddressAsync(orgId, domain.Name, from.LocalPart.ToLowerInvariant(), cancellation);
        if (own is null && (domain.Shared || domain.OrgId != orgId))
            throw foreign;
        if (own is { Status: not "active" })
            throw ApiException.Forbidden($"{own.Address} is inactive; set its status to active to send from it", "inbox_inactive");
        inbox ??= own ?? await FirstInboxAsync(orgId, domain.Id, cancellation) ?? await FirstInboxAsync(orgId, null, cancellation)
            ?? throw ApiException.Invalid("from", "There is no inbox to keep the message in; create one with POST /v1/inboxes");
        return new Sender(inbox, new Mailbox(from.DisplayName ?? own?.DisplayName, from.LocalPart, from.Domain), domain);
    }

    private async Task<Sender> FromInboxAsync(string orgId, Inbox inbox, CancellationToken cancellation)
    {
        var domain = await store.Domains.GetAsync(orgId, inbox.DomainId, cancellation);
        if (domain is null || (!domain.Shared && domain.Status != "verified"))
            throw ApiException.Forbidden($"{inbox.DomainName} is not verified yet; mail can leave from it once its DNS records are in place", "domain_not_verified");
        return new Sender(inbox, new Mailbox(inbox.DisplayName, inbox.LocalPart, inbox.DomainName), domain);
    }

    private async Task<Inbox> StandardInboxAsync(string orgId, SendRequest request, CancellationToken cancellation)
    {
        if (request.DomainId is { } domainId)
            return await FirstInboxAsync(orgId, domainId, cancellation) ?? await MakeStandardInboxAsync(orgId, domainId, cancellation);
        return await FirstInboxAsync(orgId, null, cancellation)
            ?? throw ApiException.Invalid("inbox_id", "There is no inbox to send from; create one with POST /v1/inboxes");
    }

    private async Task<Inbox?> FirstInboxAsync(string orgId, string? domainId, CancellationToken cancellation) =>
        (await store.Inboxes.ListAsync(orgId, domainId, 1, null, cancellation)).Items is [var first] ? first : null;

    /// <summary>A domain without inboxes sends as <c>agent@domain</c>; the inbox is made, so that the answer has a place to arrive.</summary>
    private async Task<Inbox> MakeStandardInboxAsync(string orgId, string domainId, CancellationToken cancellation)
    {
        var domain = await store.Domains.GetAsync(orgId, domainId, cancellation) ?? throw ApiException.NotFound("Domain");
        var inbox = new Inbox(orgId, EntityId.New("i_"), domain.Id, domain.Name, StandardLocalPart, null, null, null, "active",
            time.GetUtcNow().ToUnixTimeMilliseconds());
        return !domain.Shared && await store.Inboxes.CreateAsync(inbox, cancellation)
            ? inbox
            : await FirstInboxAsync(orgId, domainId, cancellation)
              ?? throw ApiException.Invalid("domain_id", $"There is no inbox of yours at {domain.Name}; create one with POST /v1/inboxes");
    }
}
