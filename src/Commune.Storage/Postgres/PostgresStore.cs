using Npgsql;

namespace Commune.Storage.Postgres;

/// <param name="ConnectionString">Npgsql's keywords: <c>Host=…;Port=…;Database=…;Username=…;Password=…</c>.</param>
public sealed record PostgresStoreSettings(string ConnectionString);

/// <summary>The store on PostgreSQL: any number of nodes may use one database at once.</summary>
public sealed class PostgresStore : IStore
{
    private const int NpgsqlDefaultPool = 100;

    /// <summary>Several nodes must fit into the server's default of a hundred connections, each with four more that last.</summary>
    private const int Pool = 20;
    private const int SweptAtOnce = 10_000;

    /// <summary>A group of mail goes to the server in pieces of this size: with Npgsql's 8 KB both sides would wake for each of fifty.</summary>
    private const int LastingWriteBuffer = 128 << 10;

    private readonly NpgsqlConnectionStringBuilder settings;
    private readonly NpgsqlDataSource source;

    /// <summary>For those who set up a session for themselves and keep it.</summary>
    private readonly NpgsqlDataSource lasting;
    private readonly PostgresDatabase database;
    private readonly GroupCommit commits;
    private readonly SharedLookUps lookUps;
    private readonly TableStatistics statistics;
    private readonly JobListener listener;
    private readonly CommitAnnouncer announcer;

    /// <exception cref="StoreStartException">The connection string is not one.</exception>
    public PostgresStore(PostgresStoreSettings settings, TimeProvider time)
    {
        try
        {
            this.settings = new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Enlist = false };
            if (this.settings.MaxPoolSize == NpgsqlDefaultPool)
                this.settings.MaxPoolSize = Pool;
            if (this.settings.MaxAutoPrepare == 0)
                (this.settings.MaxAutoPrepare, this.settings.AutoPrepareMinUsages) = (128, 2);
            if (this.settings.KeepAlive == 0)
                this.settings.KeepAlive = 30;
            this.settings.ApplicationName ??= "commune";
            lasting = Source(
                new NpgsqlConnectionStringBuilder(this.settings.ConnectionString) { WriteBufferSize = Math.Max(this.settings.WriteBufferSize, LastingWriteBuffer) });
            // Statements leave nothing behind in a session, so that seven commands after each one to clear it would be for nothing.
            this.settings.NoResetOnClose = true;
            source = Source(this.settings);
        }
        catch (Exception error) when (error is ArgumentException or FormatException or InvalidOperationException or NotSupportedException)
        {
            throw new StoreStartException(
                $"The PostgreSQL connection string cannot be read ({error.Message.ReplaceLineEndings(" ")}): write Host=…;Database=…;Username=…;Password=….", error);
        }

        var signals = new JobSignals(time);
        var eventSignals = new EventSignals(time);
        announcer = new CommitAnnouncer(lasting, signals, eventSignals, time);
        var subscriptions = new WebhookSubscriptions();
        database = new PostgresDatabase(source, announcer, subscriptions);
        statistics = new TableStatistics(source, time);
        commits = new GroupCommit(lasting, announcer, statistics, time, subscriptions);
        lookUps = new SharedLookUps(lasting, time);
        listener = new JobListener(lasting, signals, eventSignals, announcer, time);
        Organisations = new PostgresOrganisationStore(database);
        ApiKeys = new PostgresApiKeyStore(database);
        Secrets = new PostgresSecretStore(database);
        Domains = new PostgresDomainStore(database);
        DomainChecks = new PostgresDomainCheckStore(database);
        Inboxes = new PostgresInboxStore(database, lookUps, time);
        SenderLists = new PostgresSenderListStore(database);
        Threads = new PostgresThreadStore(database, time);
        Messages = new PostgresMessageStore(database);
        Inbound = new PostgresInboundStore(commits, database, signals);
        Outbound = new PostgresOutboundStore(database, commits);
        Jobs = new PostgresJobStore(database, commits, signals, listener);
        Events = new PostgresEventStore(database, eventSignals, listener);
        Dmarc = new PostgresDmarcStore(database);
        Scheduled = new PostgresScheduledSendStore(database, lookUps, signals);
        Pauses = new PostgresSendingPauseStore(database, time);
        Suppressions = new PostgresSuppressionStore(database);
        DeliveryEvents = new PostgresDeliveryEventStore(database);
        DeliveryReports = new PostgresDeliveryReportStore(database, commits);
        Audit = new PostgresAuditStore(database);
        Agents = new PostgresAgentStore(database);
        Registrations = new PostgresRegistrationStore(database);
        Deletions = new PostgresDeletionStore(database);
        Feedback = new PostgresFeedbackStore(database);
        MtaSts = new PostgresMtaStsStore(database);
        Webhooks = new PostgresWebhookStore(database, signals);
        Extractions = new PostgresExtractionStore(database, signals);
        ModelSpending = new PostgresModelSpendingStore(database);
        Search = new PostgresSearchStore(database);
        SearchIndex = new PostgresSearchIndexStore(database, signals);
        AttachmentTexts = new PostgresAttachmentTextStore(commits);
        SearchVectors = new PostgresSearchVectorStore(database, signals);
        VectorMirrors = new PostgresVectorMirrorStore(database, signals, time);
        WebhookEndpoints = new PostgresWebhookEndpointStore(database);
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

    public Task MigrateAsync(CancellationToken cancellation) => PostgresMigrations.RunAsync(source, settings, cancellation);

    public async Task CheckAsync(CancellationToken cancellation)
    {
        if (!await database.ExistsAsync(
            "SELECT 1 FROM schema_version WHERE current_setting('transaction_read_only') = 'off' LIMIT 1", cancellation))
        {
            throw new InvalidOperationException("PostgreSQL takes no writes, or has no schema yet.");
        }
    }

    public async Task<StoreCounts> CountAsync(CancellationToken cancellation) => (await database.FindAsync(
        StoreCounts.Query,
        static row => new StoreCounts(
            row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6), row.GetInt64(7)),
        cancellation))!;

    public Task<WaitingWork> CountWaitingAsync(long now, string? model, CancellationToken cancellation) => database.ReadSnapshotAsync(
        async session => new WaitingWork(
            await session.QueryAsync(
                "SELECT kind, count(*), count(*) FILTER (WHERE due_at <= $1), min(due_at) FROM jobs GROUP BY kind",
                static row => new WaitingJobs(row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)), cancellation, now),
            (await session.QueryAsync(
                "SELECT COALESCE(sum(remaining), 0)::bigint FROM search_backfill", static row => row.GetInt64(0), cancellation))[0],
            model is null ? 0 : (await session.QueryAsync(
                """
                SELECT COALESCE(sum(GREATEST(0, h.documents - COALESCE(p.place, 0))), 0)::bigint
                FROM org_heads h
                LEFT JOIN search_vector_places p ON p.org_id = h.org_id AND p.model = $1
                """,
                static row => row.GetInt64(0), cancellation, model))[0]),
        cancellation);

    public async Task SweepAsync(long now, CancellationToken cancellation)
    {
        await database.ExecuteAsync(
            "DELETE FROM mta_sts WHERE domain IN (SELECT domain FROM mta_sts WHERE expires_at <= $1 LIMIT $2)", cancellation, now, SweptAtOnce);
        await database.ExecuteAsync(
            """
            DELETE FROM idempotency
            WHERE (org_id, key) IN (SELECT org_id, key FROM idempotency WHERE created_at <= $1 ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED)
            """,
            cancellation, now - GroupSends.KeyLife, SweptAtOnce);
        await database.ExecuteAsync(
            """
            DELETE FROM sends
            WHERE (org_id, second) IN (SELECT org_id, second FROM sends WHERE second <= $1 ORDER BY second LIMIT $2 FOR UPDATE SKIP LOCKED)
            """,
            cancellation, (now / 1000) - GroupSends.Day, SweptAtOnce);
        await database.ExecuteAsync(
            """
            DELETE FROM counted_sends
            WHERE (org_id, counted, second) IN (
                SELECT org_id, counted, second FROM counted_sends WHERE second <= $1 ORDER BY second LIMIT $2 FOR UPDATE SKIP LOCKED)
            """,
            cancellation, (now / 1000) - SendCap.Day, SweptAtOnce);
        await database.ExecuteAsync(
            """
            DELETE FROM suppressions
            WHERE (org_id, inbox_id, address) IN (
                SELECT org_id, inbox_id, address FROM suppressions WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)
            """,
            cancellation, now, SweptAtOnce);
        await ModelSpending.SweepAsync((now / 86_400_000) - 1, cancellation);
        await PostgresRegistrationStore.SweepAsync(database, now, SweptAtOnce, cancellation);
        await PostgresSearchRow.SweepAsync(database, now, SweptAtOnce, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await commits.DisposeAsync();
        await lookUps.DisposeAsync();
        await statistics.DisposeAsync();
        await listener.DisposeAsync();
        await announcer.DisposeAsync();
        await lasting.DisposeAsync();
        await source.DisposeAsync();
    }
    /// <summary>Knows the types that our tables have and no others, which costs memory and the time of a start.</summary>
    private static NpgsqlDataSource Source(NpgsqlConnectionStringBuilder settings) => new NpgsqlSlimDataSourceBuilder(settings.ConnectionString)
        .EnableTransportSecurity().EnableIntegratedSecurity().EnableArrays().EnableJsonTypes()
        .ConfigureTypeLoading(static types => types.EnableTypeLoading(false))
        .Build();
}
