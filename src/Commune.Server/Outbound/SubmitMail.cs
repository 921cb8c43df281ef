using System.Text.Json;
using Commune.Mail.Addresses;
using Commune.Mail.Text;
using Commune.Mail.Threading;
using Commune.Server.Api.Messages;
using Commune.Server.Hosting;
using Commune.Server.Metrics;
using Commune.Server.Search;
using Commune.Storage;

namespace Commune.Server.Outbound;

/// <param name="Body">The response, byte for byte what a repeat with the same idempotency key gets.</param>
public sealed record AcceptedSend(int Status, byte[] Body, bool Replayed);

/// <summary>Takes a send from the API to the durable queue: the 202 is given after the commit.</summary>
public sealed class SubmitMail(
    IStore store, SenderResolver senders, ReplyGuard replies, SendPolicy policy, Unsubscribing unsubscribing, Destinations destinations, ComposeMail compose,
    RawMessages rawMessages, JustQueued queued, SendTiers tiers, IndexMail index, Traffic traffic, TimeProvider time)
{
    /// <param name="publicUrl">Base of the links that the mail carries.</param>
    /// <exception cref="ApiException">The send is refused: nothing was stored.</exception>
    public async Task<AcceptedSend> SubmitAsync(Organisation organisation, SendRequest request, string publicUrl, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var fingerprint = request.IdempotencyKey is null ? null : request.Fingerprint();
        if (fingerprint is not null && await store.Outbound.FindIdempotentAsync(
            organisation.Id, request.IdempotencyKey!, fingerprint, now.ToUnixTimeMilliseconds(), cancellation) is { } known)
            return Answer(known, static _ => []);

        policy.CheckTime(request.SendAt);
        var thread = request.ThreadId is { } threadId
            ? await store.Threads.GetAsync(organisation.Id, threadId, cancellation) ?? throw ApiException.NotFound("Thread")
            : null;
        var sender = await senders.ResolveAsync(organisation.Id, request, thread, cancellation);
        if (request.AutoSubmitted && thread is not null)
            await replies.CheckAsync(thread, sender, cancellation);
        var recipients = await RecipientsOfAsync(request, cancellation);
        var messageId = EntityId.NewSortable("msg_", now);
        var newThreadId = EntityId.NewSortable("conv_", now);
        var mail = await compose.ComposeAsync(sender, request with { Headers = await HeadersOfAsync(request, sender, publicUrl, cancellation) }, thread, newThreadId, messageId, cancellation);

        var response = new SendResponse(new SentMessage(messageId, thread?.Id ?? newThreadId, mail.SmtpMessageId,
            request.SendAt > now.ToUnixTimeMilliseconds() ? "scheduled" : "queued",
            [.. request.To.Select(static m => m.BareAddress)], mail.Subject))
        {
            Validation = new SendValidation([], WarningsOf(request, sender), []),
        };
        var participants = ParticipantsOf(sender, request);
        var raw = await rawMessages.KeepAsync(mail.Bytes, cancellation);
        byte[] Body(IReadOnlyList<SkippedRecipient> skipped) =>
            JsonSerializer.SerializeToUtf8Bytes(response.Without(skipped, anybodyLeft: skipped.Count < recipients.Count), ApiJson.Options);

        // Before the commit, which a worker may be quicker to see than we are.
        if (request.SendAt is null && recipients.DistinctBy(static recipient => recipient.Destination, StringComparer.Ordinal).Count() == 1)
            queued.Add(messageId, new QueuedMail(raw, EnvelopeOf(organisation, sender, mail, messageId, raw, recipients, now)));
        var result = await store.Outbound.QueueAsync(new OutboundMail
        {
            OrgId = organisation.Id,
            InboxId = sender.Inbox.Id,
            DomainId = sender.Inbox.DomainId,
            MessageId = messageId,
            ThreadId = thread?.Id,
            NewThreadId = newThreadId,
            NewReplyToken = mail.ReplyToken,
            Raw = raw,
            Subject = mail.Subject,
            SubjectKey = ReplySubject.KeyOf(mail.Subject),
            Participants = participants,
            Content = mail.Text,
            ContentHtml = request.Html,
            Snippet = Snippet.Of(mail.Text),
            SmtpMessageId = mail.SmtpMessageId,
            InReplyTo = mail.InReplyTo,
            References = mail.References,
            Attachments = mail.Attachments,
            Search = index.IsOn
                ? index.EntryOf(
                    mail.Subject, mail.Text, ReplyText.Of(mail.Text).Reply, participants, mail.Attachments.Select(static attachment => attachment.FileName))
                : null,
            Recipients = recipients,
            Idempotency = fingerprint is null ? null : new IdempotencyClaim(request.IdempotencyKey!, fingerprint, StatusCodes.Status202Accepted, Body([])),
            BodyWhenSkipped = Body,
            Limits = tiers.LimitsOf(organisation),
            Caps = policy.CapsOf(sender.Domain, thread?.Id, recipients),
            SendAt = request.SendAt,
            CancelOnReply = request.CancelOnReply,
            At = now.ToUnixTimeMilliseconds(),
        }, cancellation);
        if (result is QueueResult.Queued)
            traffic.Queued();
        else
            queued.Take(messageId);
        return Answer(result, Body);
    }

    /// <summary>Null for several recipients: the commit leaves out those who are suppressed. A single one who is leaves no job that could ask for it.</summary>
    private static OutboundEnvelope? EnvelopeOf(
        Organisation organisation, Sender sender, ComposedMail mail, string messageId, RawMessage raw, IReadOnlyList<OutboundRecipient> recipients, DateTimeOffset now) =>
        recipients is not [var only] ? null : new OutboundEnvelope(
            organisation.Id, messageId, sender.Inbox.Id, mail.SmtpMessageId, sender.From.BareAddress, raw, now.ToUnixTimeMilliseconds(), [only.Address])
        {
            Tls = sender.Domain.OrgId == organisation.Id ? sender.Domain.Tls : DomainTls.Opportunistic,
        };

    private async Task<IReadOnlyList<OutboundRecipient>> RecipientsOfAsync(SendRequest request, CancellationToken cancellation)
    {
        var recipients = new List<OutboundRecipient>();
        foreach (var mailbox in request.Recipients)
        {
            var destination = mailbox.AsciiDomain.ToLowerInvariant();
            recipients.Add(new OutboundRecipient($"{mailbox.LocalPart}@{destination}", destination, await destinations.IsLocalAsync(destination, cancellation)));
        }
        return recipients;
    }

    /// <param name="body">Makes the response, given who is skipped.</param>
    private AcceptedSend Answer(QueueResult result, Func<IReadOnlyList<SkippedRecipient>, byte[]> body) => result switch
    {
        QueueResult.Queued queued => new AcceptedSend(StatusCodes.Status202Accepted, body(queued.Skipped), Replayed: false),
        QueueResult.Replayed replayed => new AcceptedSend(replayed.Status, replayed.Body, Replayed: true),
        QueueResult.KeyReused => throw ApiException.Conflict(
            "This idempotency key was used for another request; use a new key for a new message", "idempotency_key_reused"),
        QueueResult.LimitExceeded exceeded => throw policy.TooMany(exceeded),
        QueueResult.CapReached reached => throw policy.TooMany(reached),
        QueueResult.Paused { Pause: var pause } => throw SendPolicy.Paused(pause),
        QueueResult.Gone => throw ApiException.NotFound("Thread or inbox"),
        _ => throw new InvalidOperationException($"Unknown result {result.GetType().Name}"),
    };

    /// <summary>The request's own headers, what marks mail that no person wrote (RFC 3834 §5), and the offer to unsubscribe.</summary>
    private async Task<IReadOnlyList<KeyValuePair<string, string>>> HeadersOfAsync(
        SendRequest request, Sender sender, string publicUrl, CancellationToken cancellation)
    {
        const string AutoSubmitted = "Auto-Submitted";
        var headers = request.Headers.ToList();
        if (request.AutoSubmitted && !headers.Exists(static h => h.Key.Equals(AutoSubmitted, StringComparison.OrdinalIgnoreCase)))
            headers.Add(new(AutoSubmitted, request.ThreadId is null ? "auto-generated" : "auto-replied"));
        if (OffersUnsubscribe(request, sender) && request.Recipients is [var recipient])
        {
            headers.RemoveAll(static h => Unsubscribing.IsField(h.Key));
            headers.AddRange(await unsubscribing.HeadersAsync(sender.Inbox, recipient.BareAddress, publicUrl, cancellation));
        }
        return headers;
    }

    /// <summary>The domain's wish is for mail that begins a conversation: an answer that can be unsubscribed from looks like a newsletter.</summary>
    private static bool OffersUnsubscribe(SendRequest request, Sender sender) =>
        request.Unsubscribe ?? (sender.Domain.Unsubscribe && request.ThreadId is null);

    private static List<AddressNote> WarningsOf(SendRequest request, Sender sender)
    {
        var warnings = new List<AddressNote>();
        foreach (var mailbox in request.Recipients)
        {
            // Allowed, but seldom meant.
            if (IsInbox(mailbox, sender.Inbox))
                warnings.Add(new AddressNote(mailbox.BareAddress, "This is the sending inbox itself: the message comes back to it as received mail"));
            if (OffersUnsubscribe(request, sender) && request.Recipients.Count > 1)
                warnings.Add(new AddressNote(mailbox.BareAddress, "Sent without the domain's unsubscribe link, which works with one recipient only"));
        }
        return warnings;
    }

    private static bool IsInbox(Mailbox mailbox, Inbox inbox) =>
        mailbox.AsciiDomain.Equals(inbox.DomainName, StringComparison.OrdinalIgnoreCase)
        && mailbox.LocalPart.Split('+')[0].Equals(inbox.LocalPart, StringComparison.OrdinalIgnoreCase);

    private static List<Participant> ParticipantsOf(Sender sender, SendRequest request)
    {
        var participants = new List<Participant> { new("sender", sender.From.BareAddress, sender.From.DisplayName) };
        participants.AddRange(request.To.Select(static m => new Participant("to", m.BareAddress, m.DisplayName)));
        participants.AddRange(request.Cc.Select(static m => new Participant("cc", m.BareAddress, m.DisplayName)));
        participants.AddRange(request.Bcc.Select(static m => new Participant("bcc", m.BareAddress, m.DisplayName)));
        return participants;
    }
}
