namespace Commune.Storage.Postgres;

internal sealed class PostgresInboundStore(GroupCommit commits, PostgresDatabase database, JobSignals signals) : IInboundStore
{
    public Task<IReadOnlyList<AcceptedDelivery>> AcceptAsync(InboundMail mail, CancellationToken cancellation) =>
        mail.Deliveries.Count == 0
            ? Task.FromResult<IReadOnlyList<AcceptedDelivery>>([])
            : commits.RunAsync(new Acceptance(mail) { Cancellation = cancellation }, cancellation);

    public async Task<QuarantineRelease> ReleaseAsync(
        MailMessage message, string snippet, SearchEntry? search, long at, CancellationToken cancellation, AuditEntry? audit = null, long waitForExtraction = 0)
    {
        var (orgId, inboxId) = (message.OrgId, message.InboxId);
        var released = await database.TransactAsync(
            async session =>
            {
                var head = await session.LockOrganisationAsync(orgId, at, cancellation);
                var row = await session.FindAsync(
                    """
                    SELECT m.metadata, i.webhook, i.extracts
                    FROM messages m
                    LEFT JOIN inboxes i ON i.org_id = m.org_id AND i.id = m.inbox_id AND i.status = 'active' AND i.deleted_at IS NULL
                    WHERE m.org_id = $1 AND m.id = $2
                    """,
                    static row => Tuple.Create(row.TextOrNull(0), row.TextOrNull(1), row.LongOrNull(2)), cancellation, orgId, message.Id);
                if (row is null || head is null)
                    return QuarantineRelease.NotFound;
                if (!Quarantine.IsHeld(row.Item1))
                    return QuarantineRelease.NotQuarantined;

                await session.ExecuteAsync(
                    "UPDATE messages SET metadata = $3 WHERE org_id = $1 AND id = $2",
                    cancellation, orgId, message.Id, Quarantine.Release(row.Item1!, head.Now));
                // The thread shows its text only now, unless a later message took its place.
                await session.ExecuteAsync(
                    "UPDATE threads SET snippet = $4 WHERE org_id = $1 AND id = $2 AND last_message_at = $3 AND snippet = ''",
                    cancellation, orgId, message.ThreadId, message.CreatedAt, PostgresText.Storable(snippet));
                var data = new MessageEventData(message.Participants, message.Subject, snippet, message.AttachmentIds.Count);
                await session.AppendAsync(
                    head, head.Append("message.received", inboxId, message.ThreadId, message.Id, data.Text(newThread: false)), cancellation);
                if (search is not null)
                {
                    await PostgresSearchIndexStore.InsertAsync(
                        session, orgId, [(message.Id, search)],
                        new(StringComparer.Ordinal) { [message.Id] = (message.Id, message.ThreadId, inboxId, message.CreatedAt) }, cancellation);
                    if (search.ReadsAttachments)
                        await session.ExecuteAsync(JobListener.Announcement, cancellation, JobKind.ReadAttachments);
                    if (search.NeedsVector)
                        await session.ExecuteAsync(JobListener.Announcement, cancellation, JobKind.EmbedMail);
                }
                var extracts = row.Item3 is not (null or 0);
                if (extracts)
                {
                    await WebhookRow.AddJobAsync(session, new NewJob(EntityId.New("job_"), JobKind.Extract, inboxId, orgId, message.Id, at), cancellation);
                    await session.ExecuteAsync(JobListener.Announcement, cancellation, JobKind.Extract);
                }
                if (PostgresJson.ReadWebhook(row.Item2) is { WantsInbound: true } webhook)
                {
                    var owed = WebhookDelivery.Of(orgId, inboxId, message.Id, webhook, head.Now);
                    await WebhookRow.OweAsync(session, owed, cancellation);
                    await WebhookRow.AddJobAsync(session, owed.Job(at + (extracts ? waitForExtraction : 0)), cancellation);
                    await session.ExecuteAsync(JobListener.Announcement, cancellation, JobKind.Webhook);
                }
                await session.AuditAsync(audit, cancellation);
                return QuarantineRelease.Released;
            },
            cancellation);
        if (released == QuarantineRelease.Released)
        {
            signals.Pulse(JobKind.Webhook);
            signals.Pulse(JobKind.Extract);
            signals.Pulse(JobKind.ReadAttachments);
            signals.Pulse(JobKind.EmbedMail);
        }
        return released;
    }

    private sealed class Acceptance(InboundMail mail) : GroupWork<IReadOnlyList<AcceptedDelivery>>
    {
        private readonly string[] ties = GroupThreads.TiesOf(mail.SmtpMessageId, mail.InReplyTo, mail.References);
        private readonly string? own = string.IsNullOrEmpty(mail.SmtpMessageId) ? null : PostgresText.Key(mail.SmtpMessageId);
        private readonly string subjectKey = PostgresText.Key(mail.SubjectKey);
        private readonly string sender = PostgresText.Storable(mail.Sender);
        private readonly string participants = PostgresJson.Participants(mail.Participants);
        private readonly string references = PostgresJson.List(mail.References);
        private readonly MessageEventData eventData = new(mail.Participants, mail.Subject, mail.Snippet, mail.Attachments.Count);
        private readonly MessageEventData? heldData =
            mail.Deliveries.Any(static delivery => delivery.IsKeptBack) ? new(mail.Participants, mail.Subject, "", mail.Attachments.Count) : null;

        public override string OrgId => mail.Deliveries[0].Route.OrgId;

        public override long Size => (mail.Raw.Inline?.Length ?? 0) + ((long)mail.Content.Length * mail.Deliveries.Count);

        private bool MayJoinBySubject => mail.IsReply && subjectKey.Length > 0 && sender.Length > 0;

        public override void Ask(GroupTransaction transaction)
        {
            foreach (var delivery in mail.Deliveries)
            {
                var (orgId, inboxId) = (delivery.Route.OrgId, delivery.Route.InboxId);
                transaction.NeedHead(orgId, mail.ReceivedAt);
                transaction.Inboxes.Ask(orgId, inboxId);
                transaction.Threads.Ask(orgId, inboxId, delivery.RoutingToken, ties);
                if (MayJoinBySubject)
                    transaction.Threads.AskSubject(orgId, inboxId, subjectKey, sender, mail.ReceivedAt);
                if (mail.RetryKey is { } key && own is not null)
                    transaction.Messages.Ask(orgId, inboxId, own, key);
            }
        }

        public override void Decide(GroupTransaction transaction)
        {
            // The raw bytes stand once per organisation, under the id of the first message made of them.
            var rawIds = new Dictionary<string, string>(StringComparer.Ordinal);
            var results = new AcceptedDelivery[mail.Deliveries.Count];
            for (var i = 0; i < results.Length; i++)
                results[i] = Deliver(transaction, mail.Deliveries[i], rawIds);
            Result = results;
        }

        private AcceptedDelivery Deliver(GroupTransaction transaction, InboundDelivery delivery, Dictionary<string, string> rawIds)
        {
            var (orgId, inboxId, messageId) = (delivery.Route.OrgId, delivery.Route.InboxId, delivery.MessageId);
            if (transaction.Head(orgId) is not { } head || transaction.Inboxes.AddressOf(orgId, inboxId) is null)
                return new AcceptedDelivery("", "", Duplicate: false, InboxGone: true);
            if (mail.RetryKey is { } key && transaction.Messages.FindRetried(orgId, inboxId, key) is { } earlier)
                return new AcceptedDelivery(earlier.MessageId, earlier.ThreadId, Duplicate: true, InboxGone: false);

            var threads = transaction.Threads;
            var brought = ThreadMail.From(mail, delivery);
            var joined = FindThread(threads, delivery, head.Now);
            var thread = joined ?? threads.Begin(orgId, delivery.NewThreadId, delivery.NewReplyToken, brought, head.Now);
            threads.File(thread, brought, ties, head.Now, own is null ? null : (own, messageId));

            if (rawIds.TryAdd(orgId, messageId))
                transaction.Messages.Add(orgId, messageId, mail.Raw);
            transaction.Messages.Add(new MessageRow(
                orgId, messageId, thread.Id, inboxId, delivery.Route.Address, delivery.Route.DomainId, rawIds[orgId], "inbound", head.Now,
                mail.Sender, mail.Subject, participants, mail.Content, mail.ContentHtml, PostgresJson.List(delivery.AttachmentIds),
                mail.SmtpMessageId, mail.InReplyTo, references, mail.RetryKey, DeliveryStatus: null, delivery.MetadataWith(mail.Metadata),
                HtmlInRaw: mail.HtmlInRaw));
            for (var i = 0; i < mail.Attachments.Count; i++)
            {
                var part = mail.Attachments[i];
                transaction.Messages.Add(new Attachment(
                    orgId, delivery.AttachmentIds[i], messageId, part.PartPath, BlobKey: null, part.FileName, part.MediaType, part.Size,
                    part.ContentId, head.Now));
            }

            if (delivery.SearchOf(mail) is { } entry)
                transaction.Search.Add(head, messageId, thread.Id, inboxId, entry);
            transaction.Append(head.Append(delivery.EventType, inboxId, thread.Id, messageId, (delivery.IsKeptBack ? heldData! : eventData).Text(newThread: joined is null)));
            var extracts = !delivery.IsKeptBack && transaction.Inboxes.Extracts(orgId, inboxId);
            if (!delivery.IsKeptBack && transaction.Inboxes.WebhookOf(orgId, inboxId) is { WantsInbound: true } webhook)
                transaction.Webhooks.Owe(transaction, WebhookDelivery.Of(orgId, inboxId, messageId, webhook, head.Now), mail.ReceivedAt + (extracts ? mail.WaitForExtraction : 0));
            if (extracts)
                transaction.AddJob(new NewJob(EntityId.New("job_"), JobKind.Extract, inboxId, orgId, messageId, mail.ReceivedAt));
            return new AcceptedDelivery(messageId, thread.Id, Duplicate: false, InboxGone: false);
        }

        /// <summary>Contract section 9, "Which thread an inbound message joins": the first rule that names a thread; null begins one.</summary>
        private FiledThread? FindThread(GroupThreads threads, InboundDelivery delivery, long at)
        {
            var (orgId, inboxId) = (delivery.Route.OrgId, delivery.Route.InboxId);
            if (delivery.RoutingToken is { } token && threads.FindByToken(orgId, inboxId, token) is { } routed)
                return routed;
            return threads.FindByTies(orgId, inboxId, ties)
                ?? (MayJoinBySubject ? threads.FindBySubject(orgId, inboxId, subjectKey, sender, at) : null);
        }
    }
}
