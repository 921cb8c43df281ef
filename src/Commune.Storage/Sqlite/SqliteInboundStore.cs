namespace Commune.Storage.Sqlite;

internal sealed class SqliteInboundStore(SqliteStore store) : IInboundStore
{
    public Task<IReadOnlyList<AcceptedDelivery>> AcceptAsync(InboundMail mail, CancellationToken cancellation)
    {
        var prepared = new Prepared(mail);
        var bytes = (mail.Raw.Inline?.Length ?? 0) + mail.Content.Length + (mail.ContentHtml?.Length ?? 0);
        return store.WriteAsync(prepared.Store, cancellation, bytes);
    }

    public Task<QuarantineRelease> ReleaseAsync(
        MailMessage message, string snippet, SearchEntry? search, long at, CancellationToken cancellation, AuditEntry? audit = null, long waitForExtraction = 0) => store.WriteAsync(
        writes =>
        {
            var (orgId, inboxId) = (message.OrgId, message.InboxId);
            var metadata = writes.Session.Text("SELECT metadata FROM messages WHERE org_id = ?1 AND id = ?2", orgId, message.Id);
            if (!Quarantine.IsHeld(metadata))
                return writes.Session.Any("SELECT 1 FROM messages WHERE org_id = ?1 AND id = ?2", orgId, message.Id) ? QuarantineRelease.NotQuarantined : QuarantineRelease.NotFound;
            var now = writes.Clock(orgId, at);
            writes.Session.Execute("UPDATE messages SET metadata = ?3 WHERE org_id = ?1 AND id = ?2", orgId, message.Id, Quarantine.Release(metadata!, now));
            // The thread shows its text only now, unless a later message took its place.
            writes.Session.Execute(
                "UPDATE threads SET snippet = ?4 WHERE org_id = ?1 AND id = ?2 AND last_message_at = ?3 AND snippet = ''",
                orgId, message.ThreadId, message.CreatedAt, snippet);
            var data = new MessageEventData(message.Participants, message.Subject, snippet, message.AttachmentIds.Count);
            writes.AppendEvent(orgId, "message.received", inboxId, message.ThreadId, message.Id, data.Text(newThread: false));
            if (search is not null)
                SearchRow.Insert(writes, orgId, message.Id, message.ThreadId, inboxId, message.CreatedAt, search);
            var active = writes.IsActive(orgId, inboxId, out var webhook, out var extracts);
            if (extracts)
                writes.AddJob(EntityId.New("job_"), JobKind.Extract, inboxId, orgId, message.Id, at);
            if (active && webhook is { WantsInbound: true })
                WebhookRow.Owe(writes, WebhookDelivery.Of(orgId, inboxId, message.Id, webhook, now), at + (extracts ? waitForExtraction : 0));
            writes.Audit(audit);
            return QuarantineRelease.Released;
        },
        cancellation);

    /// <summary>A mail with everything made that can be made before the writer's turn.</summary>
    private sealed class Prepared(InboundMail mail)
    {
        private readonly string sender = mail.Sender;
        private readonly string subjectKey = ThreadRow.Key(mail.SubjectKey);
        private readonly string? ownId = mail.SmtpMessageId is { Length: > 0 } id ? ThreadRow.Key(id) : null;
        private readonly string participants = SqliteJson.Write(mail.Participants);
        private readonly string references = SqliteJson.Write(mail.References);
        private readonly IReadOnlyList<string> addresses = ThreadRow.Addresses(mail.Participants);
        private readonly IReadOnlyList<string> named = ThreadRow.Named(mail.InReplyTo, mail.References);
        private readonly MessageEventData eventData = new(mail.Participants, mail.Subject, mail.Snippet, mail.Attachments.Count);
        private readonly MessageEventData? heldData =
            mail.Deliveries.Any(static delivery => delivery.IsKeptBack) ? new(mail.Participants, mail.Subject, "", mail.Attachments.Count) : null;
        private readonly string[] attachmentIds = [.. mail.Deliveries.Select(static delivery => SqliteJson.Write(delivery.AttachmentIds))];

        public IReadOnlyList<AcceptedDelivery> Store(SqliteWrites writes)
        {
            var results = new AcceptedDelivery[mail.Deliveries.Count];
            // The raw bytes are stored once for each organisation.
            var rawIds = new Dictionary<string, string>(StringComparer.Ordinal);
            for (var i = 0; i < results.Length; i++)
                results[i] = Deliver(writes, mail.Deliveries[i], attachmentIds[i], rawIds);
            return results;
        }

        private AcceptedDelivery Deliver(
            SqliteWrites writes, InboundDelivery delivery, string attachments, Dictionary<string, string> rawIds)
        {
            var session = writes.Session;
            var (orgId, inboxId, domainId, address) = delivery.Route;
            if (!writes.IsActive(orgId, inboxId, out var webhook, out var extracts))
                return new AcceptedDelivery("", "", Duplicate: false, InboxGone: true);
            var known = FindOwnId(session, orgId, inboxId, out var stored);
            if (stored is not null)
                return stored;

            var at = writes.Clock(orgId, mail.ReceivedAt);
            var newest = new NewestMessage(at, delivery.SnippetOf(mail), "inbound", mail.Attachments.Count > 0, addresses);
            var threadId = FindThread(session, orgId, inboxId, delivery.RoutingToken, known, at);
            var begins = false;
            if (threadId is null || !ThreadRow.Append(session, orgId, threadId, newest))
            {
                begins = true;
                threadId = delivery.NewThreadId;
                ThreadRow.Insert(
                    session, orgId, threadId, inboxId, domainId, mail.Subject, subjectKey, delivery.NewReplyToken, newest);
            }

            if (!rawIds.TryGetValue(orgId, out var rawId))
            {
                rawIds.Add(orgId, rawId = delivery.MessageId);
                MessageRow.InsertRaw(session, orgId, rawId, mail.Raw);
            }
            new MessageRow
            {
                OrgId = orgId,
                Id = delivery.MessageId,
                ThreadId = threadId,
                InboxId = inboxId,
                InboxAddress = address,
                DomainId = domainId,
                RawId = rawId,
                Direction = "inbound",
                CreatedAt = at,
                Sender = sender,
                Subject = mail.Subject,
                Participants = participants,
                Content = mail.Content,
                ContentHtml = mail.ContentHtml,
                HtmlInRaw = mail.HtmlInRaw,
                AttachmentIds = attachments,
                SmtpMessageId = mail.SmtpMessageId,
                InReplyTo = mail.InReplyTo,
                References = references,
                RetryKey = mail.RetryKey,
                Metadata = delivery.MetadataWith(mail.Metadata),
            }.Insert(session);
            for (var i = 0; i < mail.Attachments.Count; i++)
            {
                var part = mail.Attachments[i];
                MessageRow.InsertAttachment(session, new Attachment(
                    orgId, delivery.AttachmentIds[i], delivery.MessageId, part.PartPath, BlobKey: null,
                    part.FileName, part.MediaType, part.Size, part.ContentId, at));
            }
            ThreadRow.Refer(session, orgId, inboxId, threadId, ownId, delivery.MessageId, named);
            if (delivery.SearchOf(mail) is { } entry)
                SearchRow.Insert(writes, orgId, delivery.MessageId, threadId, inboxId, at, entry);
            writes.AppendEvent(orgId, delivery.EventType, inboxId, threadId, delivery.MessageId, (delivery.IsKeptBack ? heldData! : eventData).Text(begins));
            if (!delivery.IsKeptBack && webhook is { WantsInbound: true })
                WebhookRow.Owe(writes, WebhookDelivery.Of(orgId, inboxId, delivery.MessageId, webhook, at), mail.ReceivedAt + (extracts ? mail.WaitForExtraction : 0));
            if (extracts && !delivery.IsKeptBack)
                writes.AddJob(EntityId.New("job_"), JobKind.Extract, inboxId, orgId, delivery.MessageId, mail.ReceivedAt);
            return new AcceptedDelivery(delivery.MessageId, threadId, Duplicate: false, InboxGone: false);
        }

        /// <summary>The thread that the inbox knows the mail's own Message-ID from, or null.</summary>
        /// <param name="stored">Not null when that is the same mail, received before.</param>
        private string? FindOwnId(SqliteSession session, string orgId, string inboxId, out AcceptedDelivery? stored)
        {
            stored = null;
            if (ownId is null)
                return null;
            using var row = session.Query(
                """
                SELECT r.thread_id, m.id, m.thread_id
                FROM thread_refs r LEFT JOIN messages m ON m.org_id = r.org_id AND m.id = r.received_id AND m.retry_key = ?4
                WHERE r.org_id = ?1 AND r.inbox_id = ?2 AND r.message_id = ?3
                """,
                orgId, inboxId, ownId, mail.RetryKey);
            if (!row.Read())
                return null;
            if (!row.IsNull(1))
                stored = new AcceptedDelivery(row.Text(1), row.Text(2), Duplicate: true, InboxGone: false);
            return row.Text(0);
        }

        /// <summary>The thread that the mail joins (contract section 9), or null when it begins one.</summary>
        /// <param name="known">What <see cref="FindOwnId"/> gave.</param>
        private string? FindThread(SqliteSession session, string orgId, string inboxId, string? token, string? known, long at)
        {
            if (token is not null && FindByToken(session, orgId, inboxId, token) is { } addressed)
                return addressed;
            if (FindByReferences(session, orgId, inboxId, known) is { } referred)
                return referred;
            return mail.IsReply && subjectKey.Length > 0 ? FindBySubject(session, orgId, inboxId, at) : null;
        }

        private static string? FindByToken(SqliteSession session, string orgId, string inboxId, string token) =>
            ReplyToken.TryRange(token, out var from, out var to)
                ? session.Text(
                    "SELECT id FROM threads WHERE org_id = ?1 AND id >= ?2 AND id < ?3 AND inbox_id = ?4 AND reply_token = ?5",
                    orgId, from, to, inboxId, token)
                : null;

        private string? FindByReferences(SqliteSession session, string orgId, string inboxId, string? known)
        {
            var found = known;
            HashSet<string>? all = null;
            foreach (var id in named)
                Look(id);
            return all is null ? found : Oldest(session, orgId, all);

            void Look(string id)
            {
                var thread = session.Text(
                    "SELECT thread_id FROM thread_refs WHERE org_id = ?1 AND inbox_id = ?2 AND message_id = ?3", orgId, inboxId, id);
                if (thread is null || thread == found)
                    return;
                if (found is null)
                    found = thread;
                else
                    (all ??= new HashSet<string>(StringComparer.Ordinal) { found }).Add(thread);
            }
        }

        private static string? Oldest(SqliteSession session, string orgId, IEnumerable<string> threads)
        {
            (long At, string Id)? oldest = null;
            foreach (var id in threads)
            {
                if (session.Number("SELECT first_message_at FROM threads WHERE org_id = ?1 AND id = ?2", orgId, id) is not { } at)
                    continue;
                if (oldest is not { } known || at < known.At || (at == known.At && string.CompareOrdinal(id, known.Id) < 0))
                    oldest = (at, id);
            }
            return oldest?.Id;
        }

        private string? FindBySubject(SqliteSession session, string orgId, string inboxId, long at)
        {
            const long ThirtyDays = 30L * 24 * 60 * 60 * 1000;
            // A subject that everybody uses ("hello") has many threads: those that began last are looked at.
            return session.Text(
                """
                SELECT id FROM
                  (SELECT id, participants, last_message_at FROM threads
                   WHERE org_id = ?1 AND inbox_id = ?2 AND subject_key = ?3 AND subject_key <> ''
                   ORDER BY first_message_at DESC, id DESC LIMIT 200)
                WHERE last_message_at >= ?4 AND EXISTS (SELECT 1 FROM json_each(participants) WHERE value = ?5)
                ORDER BY last_message_at DESC, id DESC LIMIT 1
                """,
                orgId, inboxId, subjectKey, at - ThirtyDays, sender);
        }
    }
}
