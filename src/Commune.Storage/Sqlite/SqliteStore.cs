namespace Commune.Storage.Sqlite;

/// <param name="Directory">Holds <c>commune.db</c>; created when absent.</param>
/// <param name="BesideServer">For a short command: the directory may be in use by a running server, which keeps it.</param>
public sealed record SqliteStoreSettings(string Directory, bool BesideServer = false);

/// <summary>The embedded store: one process, one file. <see cref="MigrateAsync"/> opens it; before that no role can be used.</summary>
public sealed class SqliteStore : IStore
{
    private readonly SqliteStoreSettings settings;
    private readonly TimeProvider time;
    private readonly JobSignals signals;
    private readonly EventSignals eventSignals;
    private readonly SemaphoreSlim opening = new(1);
    private SqliteDatabase? database;

    public SqliteStore(SqliteStoreSettings settings, TimeProvider time)
    {
        this.settings = settings;
        this.time = time;
        signals = new JobSignals(time);
        eventSignals = new EventSignals(time);
        Routes = new InboxRoutes(time);
        Organisations = new SqliteOrganisationStore(this, time);
        ApiKeys = new SqliteApiKeyStore(this, time);
        Secrets = new SqliteSecretStore(this);
        Domains = new SqliteDomainStore(this, time);
        DomainChecks = new SqliteDomainCheckStore(this);
        Inboxes = new SqliteInboxStore(this, time);
        SenderLists = new SqliteSenderListStore(this);
        Threads = new SqliteThreadStore(this);
        Messages = new SqliteMessageStore(this);
        Inbound = new SqliteInboundStore(this);
        Outbound = new SqliteOutboundStore(this);
        Jobs = new SqliteJobStore(this, signals);
        Events = new SqliteEventStore(this, eventSignals);
        Dmarc = new SqliteDmarcStore(this);
        Scheduled = new SqliteScheduledSendStore(this, time);
        Pauses = new SqliteSendingPauseStore(this);
        Suppressions = new SqliteSuppressionStore(this);
        DeliveryEvents = new SqliteDeliveryEventStore(this);
        DeliveryReports = new SqliteDeliveryReportStore(this);
        Audit = new SqliteAuditStore(this);
        Agents = new SqliteAgentStore(this);
        Registrations = new SqliteRegistrationStore(this);
        Deletions = new SqliteDeletionStore(this);
        Feedback = new SqliteFeedbackStore(this);
        MtaSts = new SqliteMtaStsStore(this);
        Webhooks = new SqliteWebhookStore(this);
        Extractions = new SqliteExtractionStore(this);
        ModelSpending = new SqliteModelSpendingStore(this);
        Search = new SqliteSearchStore(this);
        SearchIndex = new SqliteSearchIndexStore(this);
        AttachmentTexts = new SqliteAttachmentTextStore(this);
        SearchVectors = new SqliteSearchVectorStore(this);
        VectorMirrors = new SqliteVectorMirrorStore(this);
        WebhookEndpoints = new SqliteWebhookEndpointStore(this);
    }

    public IOrganisationStore Organisations { get; }
    public IApiKeyStore ApiKeys { get; }
    public ISecretStore Secrets { get; }
    public IDomainStore Domains { get; }
    public IDomainCheckStore DomainChecks { get; }
    public IInboxStore Inboxes { get; }
    public ISenderListStore SenderLists { get; }
    public IThreadStore Threads { get; }
    public IMessageStore Messages { get; }
    public IInboundStore Inbound { get; }
    public IOutboundStore Outbound { get; }
    public IJobStore Jobs { get; }
    public IEventStore Events { get; }
    public IDmarcStore Dmarc { get; }
    public IScheduledSendStore Scheduled { get; }
    public ISendingPauseStore Pauses { get; }
    public ISuppressionStore Suppressions { get; }
    public IDeliveryEventStore DeliveryEvents { get; }
    public IDeliveryReportStore DeliveryReports { get; }
    public IAuditStore Audit { get; }
    public IAgentStore Agents { get; }
    public IRegistrationStore Registrations { get; }
    public IDeletionStore Deletions { get; }
    public IFeedbackStore Feedback { get; }
    public IMtaStsStore MtaSts { get; }
    public IWebhookStore Webhooks { get; }
    public IExtractionStore Extractions { get; }
    public IModelSpendingStore ModelSpending { get; }
    public ISearchStore Search { get; }
    public ISearchIndexStore SearchIndex { get; }
    public IAttachmentTextStore AttachmentTexts { get; }
    public ISearchVectorStore SearchVectors { get; }
    public IVectorMirrorStore VectorMirrors { get; }
    public IWebhookEndpointStore WebhookEndpoints { get; }

    /// <summary>What <see cref="IInboxStore.RouteAsync"/> answered lately.</summary>
    internal InboxRoutes Routes { get; }

    private SqliteDatabase Database =>
        database ?? throw new InvalidOperationException("The store is not open: call MigrateAsync first.");

    public async Task MigrateAsync(CancellationToken cancellation)
    {
        await opening.WaitAsync(cancellation);
        try
        {
            database ??= SqliteDatabase.Open(settings, signals, eventSignals, Routes, time);
        }
        finally
        {
            opening.Release();
        }
    }

    public async Task CheckAsync(CancellationToken cancellation)
    {
        await ReadAsync(static session => session.Number("SELECT 1"), cancellation);
        await WriteAsync(
            static writes => writes.Session.Execute("UPDATE secrets SET name = name WHERE name = ''"),
            cancellation);
    }

    /// <summary>True while a server has the directory.</summary>
    public static bool IsInUse(string directory) => SqliteDatabase.IsInUse(directory);

    public Task<StoreCounts> CountAsync(CancellationToken cancellation) => ReadAsync(
        static session =>
        {
            using var row = session.Query(StoreCounts.Query);
            row.Read();
            return new StoreCounts(
                row.Number(0), row.Number(1), row.Number(2), row.Number(3), row.Number(4), row.Number(5), row.Number(6), row.Number(7));
        },
        cancellation);

    public Task<WaitingWork> CountWaitingAsync(long now, string? model, CancellationToken cancellation) => ReadSnapshotAsync(
        session =>
        {
            var jobs = new List<WaitingJobs>();
            using (var row = session.Query("SELECT kind, count(*), count(*) FILTER (WHERE due_at <= ?1), min(due_at) FROM jobs GROUP BY kind", now))
            {
                while (row.Read())
                    jobs.Add(new WaitingJobs(row.Text(0), row.Number(1), row.Number(2), row.NumberOrNull(3)));
            }
            return new WaitingWork(
                jobs,
                session.Number("SELECT coalesce(sum(remaining), 0) FROM search_backfill") ?? 0,
                model is null ? 0 : session.Number(
                    """
                    SELECT coalesce(sum(max(0, h.documents - coalesce(p.place, 0))), 0)
                    FROM org_heads h LEFT JOIN search_vector_places p ON p.org_id = h.org_id AND p.model = ?1
                    """,
                    model) ?? 0);
        },
        cancellation);

    public async Task SweepAsync(long now, CancellationToken cancellation)
    {
        const int AtOnce = 1000;
        await ModelSpending.SweepAsync((now / 86_400_000) - 1, cancellation);
        await WriteAsync(
            writes =>
            {
                writes.Session.Execute(
                    "DELETE FROM mta_sts WHERE domain IN (SELECT domain FROM mta_sts WHERE expires_at <= ?1 LIMIT ?2)", now, AtOnce);
                writes.Session.Execute(
                    """
                    DELETE FROM idempotency WHERE (org_id, key) IN
                      (SELECT org_id, key FROM idempotency WHERE created_at <= ?1 LIMIT ?2)
                    """,
                    now - SqliteOutboundStore.IdempotencyMs, AtOnce);
                writes.Session.Execute(
                    """
                    DELETE FROM counted_sends WHERE (org_id, counted, second) IN
                      (SELECT org_id, counted, second FROM counted_sends WHERE second <= ?1 LIMIT ?2)
                    """,
                    now / 1000 - SendWindows.DaySeconds, AtOnce);
                writes.Session.Execute(
                    """
                    DELETE FROM suppressions WHERE (org_id, inbox_id, address) IN
                      (SELECT org_id, inbox_id, address FROM suppressions WHERE expires_at <= ?1 LIMIT ?2)
                    """,
                    now, AtOnce);
                SqliteRegistrationStore.Sweep(writes.Session, now, AtOnce);
                SearchRow.Sweep(writes.Session, now, AtOnce);
                return writes.Session.Execute(
                    """
                    DELETE FROM sends WHERE (org_id, second) IN
                      (SELECT org_id, second FROM sends WHERE second <= ?1 LIMIT ?2)
                    """,
                    now / 1000 - SendWindows.DaySeconds, AtOnce);
            },
            cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref database, null) is { } open)
            await open.DisposeAsync();
        opening.Dispose();
    }

    /// <inheritdoc cref="SqliteReaders.ReadAsync"/>
    internal Task<T> ReadAsync<T>(Func<SqliteSession, T> read, CancellationToken cancellation) =>
        Database.Readers.ReadAsync(read, cancellation);

    /// <summary>Answers with what was read once it is durable: for what must not be taken back by a power cut.</summary>
    internal async Task<T> ReadDurableAsync<T>(Func<SqliteSession, T> read, CancellationToken cancellation)
    {
        var open = Database;
        var result = await open.Readers.ReadAsync(read, cancellation);
        await open.Writer.MadeDurableAsync(cancellation);
        return result;
    }

    /// <inheritdoc cref="SqliteReaders.ReadSnapshotAsync"/>
    internal Task<T> ReadSnapshotAsync<T>(Func<SqliteSession, T> read, CancellationToken cancellation) =>
        Database.Readers.ReadSnapshotAsync(read, cancellation);

    /// <inheritdoc cref="SqliteWriter.RunAsync"/>
    internal Task<T> WriteAsync<T>(Func<SqliteWrites, T> work, CancellationToken cancellation, long bytes = 0) =>
        Database.Writer.RunAsync(work, cancellation, bytes);
}
