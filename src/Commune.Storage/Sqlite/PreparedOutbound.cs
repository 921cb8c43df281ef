namespace Commune.Storage.Sqlite;

/// <summary>A mail to queue, with everything made that can be made before the writer's turn.</summary>
internal sealed class PreparedOutbound(OutboundMail mail)
{
    private readonly string sender = mail.Participants.FirstOrDefault(static p => p.Role == "sender")?.Identity ?? "";
    private readonly string participants = SqliteJson.Write(mail.Participants);
    private readonly string references = SqliteJson.Write(mail.References);
    private readonly string attachmentIds = SqliteJson.Write([.. mail.Attachments.Select(static attachment => attachment.Id)]);
    private readonly IReadOnlyList<string> named = ThreadRow.Named(mail.InReplyTo, mail.References);
    private readonly MessageEventData eventData = new(mail.Participants, mail.Subject, mail.Snippet, mail.Attachments.Count);
    private readonly NewestMessage newest = new(
        mail.At, mail.Snippet, "outbound", mail.Attachments.Count > 0, ThreadRow.Addresses(mail.Participants));

    // The writer may run the work twice: what is found is found anew.
    private readonly List<SkippedRecipient> skipped = [];

    private readonly IReadOnlyList<NewJob> jobs =
    [
        .. mail.Recipients.DistinctBy(static recipient => recipient.Destination, StringComparer.Ordinal).Select(recipient => new NewJob(
            // In their order: what is written together stands together.
            EntityId.NewSortable("job_", DateTimeOffset.FromUnixTimeMilliseconds(mail.At)), recipient.IsLocal ? JobKind.DeliverLocal : JobKind.Deliver, recipient.Destination, mail.OrgId,
            new DeliverPayload(mail.OrgId, mail.MessageId, recipient.Destination).ToJson(), mail.At)),
    ];

    public QueueResult Queue(SqliteWrites writes)
    {
        var session = writes.Session;
        if (mail.Idempotency is { } claim
            && SqliteOutboundStore.FindIdempotent(session, mail.OrgId, claim.Key, claim.Fingerprint, mail.At) is { } earlier)
            return earlier;
        if (FindAddress(session) is not { } address || (mail.ThreadId is { } joined && !Exists(session, joined)))
            return new QueueResult.Gone();
        if (SqliteSendingPauseStore.Find(session, mail.OrgId) is { } pause && pause.Until > mail.At)
            return new QueueResult.Paused(pause);
        if (mail.Limits is { } limits && Exceeded(session, limits) is { } exceeded)
            return exceeded;
        if (CountedSends.FindReached(session, mail.OrgId, mail.Caps, mail.At) is { } reached)
            return reached;

        FindSkipped(session);
        var at = writes.Clock(mail.OrgId, mail.At);
        var threadId = JoinThread(session, at);
        Store(session, threadId, address, at);
        if (mail.Search is { } entry)
            SearchRow.Insert(writes, mail.OrgId, mail.MessageId, threadId, mail.InboxId, at, entry);
        if (mail.Idempotency is { } key)
            Remember(session, skipped.Count > 0 && mail.BodyWhenSkipped is { } body ? key with { Body = body(skipped) } : key);
        SendWindows.Count(session, mail.OrgId, mail.At);
        CountedSends.Count(session, mail.OrgId, mail.Caps, mail.At);
        if (IsScheduled)
            Schedule(writes, threadId, at);
        else
            Enqueue(writes, threadId);
        TellSkipped(writes, threadId, at);
        return new QueueResult.Queued(threadId, at) { Skipped = [.. skipped] };
    }

    private void Enqueue(SqliteWrites writes, string threadId)
    {
        foreach (var job in jobs.Where(job => Waiting.Any(recipient => recipient.Destination == job.Key)))
            writes.AddJob(job.Id, job.Kind, job.Key, job.OrgId, job.Payload, job.DueAt);
        writes.AppendEvent(mail.OrgId, "message.queued", mail.InboxId, threadId, mail.MessageId, eventData.Text(newThread: mail.ThreadId is null));
    }

    private void Schedule(SqliteWrites writes, string threadId, long at)
    {
        var sendAt = mail.SendAt!.Value;
        SqliteScheduledSendStore.Add(writes.Session, new ScheduledSend(mail.OrgId, mail.MessageId, threadId, sendAt, mail.CancelOnReply, at));
        writes.AddJob(
            EntityId.New("job_"), JobKind.Release, mail.MessageId, mail.OrgId, new ReleasePayload(mail.OrgId, mail.MessageId).ToJson(), sendAt);
        writes.AppendEvent(mail.OrgId, "message.scheduled", mail.InboxId, threadId, mail.MessageId, DeliveryState.ScheduledEvent(sendAt));
    }

    private bool IsScheduled => mail.HasToWait && Waiting.Any();

    private IEnumerable<OutboundRecipient> Waiting => mail.Recipients.Where(recipient => !IsSkipped(recipient));

    private bool IsSkipped(OutboundRecipient recipient) => skipped.Exists(one => one.Address == recipient.Address);

    private void FindSkipped(SqliteSession session)
    {
        skipped.Clear();
        foreach (var recipient in mail.Recipients)
        {
            if (SuppressionRow.Find(session, mail.OrgId, mail.InboxId, recipient.Address, mail.At) is { } reason)
                skipped.Add(new SkippedRecipient(recipient.Address, reason));
        }
    }

    private void TellSkipped(SqliteWrites writes, string threadId, long at)
    {
        foreach (var recipient in skipped)
        {
            var outcome = SuppressionRule.Skip(recipient);
            DeliveryEventRow.Insert(writes.Session, new DeliveryEvent(
                mail.OrgId, EntityId.NewSortable("evt_", DateTimeOffset.FromUnixTimeMilliseconds(at)), mail.MessageId, mail.InboxId, mail.DomainId,
                recipient.Address, DeliveryEventType.Suppressed, at, null, outcome.Detail, null), reportId: null);
            writes.AppendEvent(
                mail.OrgId, DeliveryState.LogType(DeliveryEventType.Suppressed), mail.InboxId, threadId, mail.MessageId,
                DeliveryState.LogData(DeliveryEventType.Suppressed, outcome));
        }
    }

    /// <summary>The inbox's address; null when it is gone or may not send.</summary>
    private string? FindAddress(SqliteSession session) => session.Text(
        """
        SELECT local_part || '@' || domain_name FROM inboxes
        WHERE org_id = ?1 AND id = ?2 AND deleted_at IS NULL AND status = 'active'
        """,
        mail.OrgId, mail.InboxId);

    private bool Exists(SqliteSession session, string threadId) =>
        session.Any("SELECT 1 FROM threads WHERE org_id = ?1 AND id = ?2", mail.OrgId, threadId);

    private QueueResult.LimitExceeded? Exceeded(SqliteSession session, SendLimits limits)
    {
        var usage = SendWindows.Read(session, mail.OrgId, mail.At);
        var day = usage.LastDay >= limits.PerDay;
        return day || usage.LastHour >= limits.PerHour ? new QueueResult.LimitExceeded(usage, day) : null;
    }

    private string JoinThread(SqliteSession session, long at)
    {
        var message = newest with { At = at };
        if (mail.ThreadId is { } threadId)
        {
            ThreadRow.Append(session, mail.OrgId, threadId, message);
            return threadId;
        }
        ThreadRow.Insert(
            session, mail.OrgId, mail.NewThreadId, mail.InboxId, mail.DomainId, mail.Subject, ThreadRow.Key(mail.SubjectKey), mail.NewReplyToken, message);
        return mail.NewThreadId;
    }

    private void Store(SqliteSession session, string threadId, string address, long at)
    {
        MessageRow.InsertRaw(session, mail.OrgId, mail.MessageId, mail.Raw);
        new MessageRow
        {
            OrgId = mail.OrgId,
            Id = mail.MessageId,
            ThreadId = threadId,
            InboxId = mail.InboxId,
            InboxAddress = address,
            DomainId = mail.DomainId,
            RawId = mail.MessageId,
            Direction = "outbound",
            CreatedAt = at,
            Sender = sender,
            Subject = mail.Subject,
            Participants = participants,
            Content = mail.Content,
            ContentHtml = mail.ContentHtml,
            AttachmentIds = attachmentIds,
            SmtpMessageId = mail.SmtpMessageId,
            InReplyTo = mail.InReplyTo,
            References = references,
        }.Insert(session);
        SentStateRow.Write(
            session, mail.OrgId, mail.MessageId, mail.FirstStatus(Waiting.Any()), IsScheduled ? DeliveryState.ScheduledData(mail.SendAt!.Value) : null);
        ThreadRow.Refer(session, mail.OrgId, mail.InboxId, threadId, ThreadRow.Key(mail.SmtpMessageId), receivedId: null, named);

        foreach (var attachment in mail.Attachments)
        {
            var bound = session.Execute(
                "UPDATE attachments SET message_id = ?3 WHERE org_id = ?1 AND id = ?2 AND message_id IS NULL",
                mail.OrgId, attachment.Id, mail.MessageId);
            if (bound == 0)
                MessageRow.InsertAttachment(session, attachment with { OrgId = mail.OrgId, MessageId = mail.MessageId });
        }
        foreach (var recipient in mail.Recipients)
        {
            session.Execute(
                """
                INSERT INTO recipients (org_id, message_id, address, destination, status, attempts, next_attempt_at, updated_at)
                VALUES (?1, ?2, ?3, ?4, ?7, 0, ?5, ?6)
                """,
                mail.OrgId, mail.MessageId, recipient.Address, recipient.Destination, IsSkipped(recipient) ? default(long?) : mail.FirstAttemptAt, at,
                IsSkipped(recipient) ? "suppressed" : "queued");
        }
    }

    private void Remember(SqliteSession session, IdempotencyClaim claim) => session.Execute(
        """
        INSERT INTO idempotency (org_id, key, fingerprint, status, body, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (org_id, key) DO UPDATE SET
          fingerprint = excluded.fingerprint, status = excluded.status, body = excluded.body, created_at = excluded.created_at
        """,
        mail.OrgId, claim.Key, claim.Fingerprint, claim.Status, claim.Body, mail.At);
}
