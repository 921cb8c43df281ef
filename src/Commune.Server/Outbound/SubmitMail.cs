using System.Text.Json;
using Commune.Mail.Text;
using Commune.Mail.Threading;
using Commune.Server.Api.Messages;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Outbound;

/// <param name="Body">The response, byte for byte what a repeat with the same idempotency key gets.</param>
public sealed record AcceptedSend(int Status, byte[] Body, bool Replayed);

/// <summary>Takes a send from the API to the durable queue: the 202 is given after the commit.</summary>
public sealed class SubmitMail(
    IStore store, SenderResolver senders, ComposeMail compose, RawMessages rawMessages, SendTiers tiers, TimeProvider time)
{
    /// <exception cref="ApiException">The send is refused: nothing was stored.</exception>
    public async Task<AcceptedSend> SubmitAsync(Organisation organisation, SendRequest request, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var fingerprint = request.IdempotencyKey is null ? null : request.Fingerprint();
        if (fingerprint is not null && await store.Outbound.FindIdempotentAsync(
            organisation.Id, request.IdempotencyKey!, fingerprint, now.ToUnixTimeMilliseconds(), cancellation) is { } known)
            return Answer(known, static _ => []);

        var thread = request.ThreadId is { } threadId
            ? await store.Threads.GetAsync(organisation.Id, threadId, cancellation) ?? throw ApiException.NotFound("Thread")
            : null;
        var sender = await senders.ResolveAsync(organisation.Id, request, thread, cancellation);
        var messageId = EntityId.NewSortable("msg_", now);
        var newThreadId = EntityId.NewSortable("conv_", now);
        var mail = await compose.ComposeAsync(sender, request, thread, newThreadId, messageId, cancellation);

        var recipients = await RecipientsOfAsync(request, cancellation);
        var response = new SendResponse(new SentMessage(messageId, thread?.Id ?? newThreadId, mail.SmtpMessageId, "queued",
            [.. request.To.Select(static m => m.BareAddress)], mail.Subject));
        byte[] Body(IReadOnlyList<SkippedRecipient> skipped) =>
            JsonSerializer.SerializeToUtf8Bytes(response.Without(skipped, anybodyLeft: skipped.Count < recipients.Count), ApiJson.Options);

        var result = await store.Outbound.QueueAsync(new OutboundMail
        {
            OrgId = organisation.Id,
            InboxId = sender.Inbox.Id,
            DomainId = sender.Inbox.DomainId,
            MessageId = messageId,
            ThreadId = thread?.Id,
            NewThreadId = newThreadId,
            NewReplyToken = mail.ReplyToken,
            Raw = await rawMessages.KeepAsync(mail.Bytes, cancellation),
            Subject = mail.Subject,
            SubjectKey = ReplySubject.KeyOf(mail.Subject),
            Participants = ParticipantsOf(sender, request),
            Content = mail.Text,
            ContentHtml = request.Html,
            Snippet = Snippet.Of(mail.Text),
            SmtpMessageId = mail.SmtpMessageId,
            InReplyTo = mail.InReplyTo,
            References = mail.References,
            Attachments = mail.Attachments,
            Recipients = recipients,
            Idempotency = fingerprint is null ? null : new IdempotencyClaim(request.IdempotencyKey!, fingerprint, StatusCodes.Status202Accepted, Body([])),
            BodyWhenSkipped = Body,
            Limits = tiers.LimitsOf(organisation),
            At = now.ToUnixTimeMilliseconds(),
        }, cancellation);
        return Answer(result, Body);
    }

    private async Task<IReadOnlyList<OutboundRecipient>> RecipientsOfAsync(SendRequest request, CancellationToken cancellation)
    {
        var recipients = new List<OutboundRecipient>();
        foreach (var mailbox in request.Recipients)
        {
            var destination = mailbox.AsciiDomain.ToLowerInvariant();
            recipients.Add(new OutboundRecipient($"{mailbox.LocalPart}@{destination}", destination, await store.Inboxes.IsLocalDomainAsync(destination, cancellation)));
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
        QueueResult.LimitExceeded exceeded => throw TooMany(exceeded),
        QueueResult.Gone => throw ApiException.NotFound("Thread or inbox"),
        _ => throw new InvalidOperationException($"Unknown result {result.GetType().Name}"),
    };

    private ApiException TooMany(QueueResult.LimitExceeded exceeded)
    {
        var freesAt = exceeded.Day ? exceeded.Usage.DayFreesAt : exceeded.Usage.HourFreesAt;
        var seconds = (int)Math.Max(1, (freesAt - time.GetUtcNow().ToUnixTimeMilliseconds() + 999) / 1000);
        return new ApiException(StatusCodes.Status429TooManyRequests, new ErrorBody(
            exceeded.Day ? "Too many emails today" : "Too many emails this hour", "rate_limit_exceeded", RetryAfter: seconds));
    }

    private static List<Participant> ParticipantsOf(Sender sender, SendRequest request)
    {
        var participants = new List<Participant> { new("sender", sender.From.BareAddress, sender.From.DisplayName) };
        participants.AddRange(request.To.Select(static m => new Participant("to", m.BareAddress, m.DisplayName)));
        participants.AddRange(request.Cc.Select(static m => new Participant("cc", m.BareAddress, m.DisplayName)));
        participants.AddRange(request.Bcc.Select(static m => new Participant("bcc", m.BareAddress, m.DisplayName)));
        return participants;
    }
}
