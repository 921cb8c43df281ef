using System.Diagnostics.Metrics;
using Commune.Ai.Search;
using Commune.Mail.Arc;
using Commune.Mail.Dkim;
using Commune.Mail.Dmarc;
using Commune.Mail.Dns;
using Commune.Mail.IpRev;
using Commune.Mail.PublicSuffix;
using Commune.Mail.Smtp.Server;
using Commune.Mail.Spf;
using Commune.Server.Api;
using Commune.Server.Api.Agents;
using Commune.Server.Api.Attachments;
using Commune.Server.Api.Domains;
using Commune.Server.Api.Unsubscribe;
using Commune.Server.Deletion;
using Commune.Server.Domains;
using Commune.Server.Events;
using Commune.Server.Extraction;
using Commune.Server.Inbound;
using Commune.Server.Inbound.Reports;
using Commune.Server.Jobs;
using Commune.Server.Metrics;
using Commune.Server.Outbound;
using Commune.Server.Search;
using Commune.Server.Webhooks;
using Commune.Storage;
using Commune.Storage.Blobs;
using Commune.Storage.Postgres;
using Commune.Storage.Sqlite;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Commune.Server.Hosting;

/// <summary>Puts the program together: options, services, listeners, routes.</summary>
internal static partial class CommuneHost
{
    /// <summary>The largest request, but for a send: a file of 10 MB as base64 fits (contract section 1).</summary>
    private const long MaxRequestBytes = 16 * 1024 * 1024;

    /// <summary>A search of 2 000 characters of four bytes, each written as %XX, fits.</summary>
    private const int MaxRequestLine = 32 * 1024;

    /// <summary>Local deliveries wait for nothing but the one writer.</summary>
    private const int LocalConcurrency = 8;

    /// <summary>What waits for its time, and is done in one transaction.</summary>
    private const int TimedConcurrency = 64;

    /// <summary>Organisations whose indexes are kept in order at once: it is work for a processor, not for a network.</summary>
    private const int IndexesAtOnce = 2;

    /// <summary>Organisations whose mail a provider makes vectors of at once: work of a network.</summary>
    private const int EmbeddedAtOnce = 4;

    /// <summary>Messages whose files are read at once: the same, and mail comes first.</summary>
    private const int FilesAtOnce = 2;

    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        // The watcher of appsettings.json is recursive and sees every write to the database below the working directory.
        var builder = WebApplication.CreateSlimBuilder([.. args, "--hostBuilder:reloadConfigOnChange=false"]);
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(static console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
        });
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        // What goes wrong before the start is complete is told once, in one line (StartFailure), not by the host as well.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", static level => StartBanner.WasWritten && level >= LogLevel.Warning);
        // Kestrel warns that listeners set in code take the place of --urls: they are what --urls says (Listeners).
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", static level => level >= (StartBanner.WasWritten ? LogLevel.Warning : LogLevel.Error));
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(30));
        return builder;
    }

    /// <exception cref="SettingException">A setting cannot be used: what is wrong and what to do.</exception>
    public static WebApplication Build(WebApplicationBuilder builder, out Listeners listeners)
    {
        var options = ReadOptions(builder, out var unknownSettings);
        var made = listeners = new Listeners();
        var urls = builder.Configuration["urls"];
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxRequestBytes;
            kestrel.Limits.MaxRequestLineSize = MaxRequestLine;
            made.Configure(kestrel, options, urls);
        });
        AddStore(builder.Services, options, builder.Configuration);
        AddInbound(builder.Services, options);
        AddOutbound(builder.Services, options);
        AddDomains(builder.Services, options);
        AddWebhooks(builder.Services, options);
        AddExtraction(builder.Services, options);
        AddSearch(builder.Services, options);
        AddApi(builder.Services, options);
        AddMetrics(builder.Services);

        var app = builder.Build();
        var log = app.Services.GetRequiredService<ILogger<CommuneOptions>>();
        foreach (var setting in unknownSettings)
            LogUnknownSetting(log, setting);
        // It counts from here on, not from when somebody first asks.
        app.Services.GetRequiredService<MetricsReader>();
        app.UseMiddleware<ErrorHandling>();
        app.UseMiddleware<WebhookLoop>();
        app.UseRouting();
        app.UseMiddleware<Authentication>();
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(15), KeepAliveTimeout = TimeSpan.FromSeconds(20) });
        app.MapHealth();
        app.MapMetrics();
        app.MapApi();
        app.MapUnsubscribe();
        return app;
    }

    /// <summary>Opens the store and makes what the first start needs, before any listener is bound.</summary>
    public static async Task<StartedStore> PrepareAsync(WebApplication app)
    {
        var services = app.Services;
        var started = await FirstStart.RunAsync(services.GetRequiredService<IStore>(),
            services.GetRequiredService<IOptions<CommuneOptions>>().Value, services.GetRequiredService<TimeProvider>(), CancellationToken.None);
        services.GetRequiredService<SmtpCertificate>();
        return started;
    }

    private static CommuneOptions ReadOptions(WebApplicationBuilder builder, out IReadOnlyList<UnknownSetting> unknownSettings)
    {
        var section = builder.Configuration.GetSection("Commune");
        unknownSettings = UnknownSettings.In(section, typeof(CommuneOptions));
        if (unknownSettings.FirstOrDefault(static setting => setting.IsSlip) is { } slip)
            throw new SettingException($"{slip}");
        builder.Services.Configure<CommuneOptions>(section);
        builder.Services.PostConfigure<CommuneOptions>(static read => read.DataDirectory = Path.GetFullPath(read.DataDirectory));
        CommuneOptions options;
        try
        {
            options = section.Get<CommuneOptions>() ?? new CommuneOptions();
        }
        catch (InvalidOperationException error)
        {
            var hint = error.Message.Contains(nameof(TimeSpan), StringComparison.Ordinal) ? " Times are written hh:mm:ss, such as 00:05:00." : "";
            throw new SettingException($"A setting cannot be read: {error.Message}{hint}");
        }
        options.DataDirectory = Path.GetFullPath(options.DataDirectory);
        options.Check();
        try
        {
            PrivateFile.MakeDirectory(options.DataDirectory);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SettingException($"The data directory {options.DataDirectory} cannot be made ({error.Message}). Set Commune__DataDirectory to one that can be written.");
        }
        return options;
    }

    private static void AddStore(IServiceCollection services, CommuneOptions options, ConfigurationManager configuration)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<IBlobStore>(new FileBlobStore(PrivateFile.MakeDirectory(Path.Combine(options.DataDirectory, "blobs"))));
        services.AddSingleton(provider => OpenStore(options, configuration, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<RawMessages>();
        services.AddSingleton<AttachmentContent>();
        services.AddSingleton<BlobGarbage>();
        services.AddSingleton<OrphanSweep>();
        services.AddHostedService<Maintenance>();
    }

    /// <param name="besideServer">For a short command, while a server may be running.</param>
    internal static IStore OpenStore(CommuneOptions options, IConfiguration configuration, TimeProvider time, bool besideServer = false) => options.Database switch
    {
        "sqlite" => new SqliteStore(new SqliteStoreSettings(options.DataDirectory, besideServer), time),
        "postgres" => new PostgresStore(new PostgresStoreSettings(configuration.GetConnectionString("Postgres")
            ?? throw new SettingException("Commune:Database is postgres; set ConnectionStrings__Postgres too.")), time),
        _ => throw new SettingException($"Commune:Database is \"{options.Database}\"; use sqlite or postgres."),
    };

    private static void AddInbound(IServiceCollection services, CommuneOptions options)
    {
        services.AddSingleton(new SmtpServerSettings
        {
            HostName = options.EffectiveHostName,
            MaxMessageBytes = options.Smtp.MaxMessageBytes,
            MaxRecipients = options.Smtp.MaxRecipients,
            IdleTimeout = options.Smtp.IdleTimeout,
            DataTimeout = options.Smtp.DataTimeout,
            SessionTimeout = options.Smtp.SessionTimeout,
            SpoolDirectory = PrivateFile.MakeDirectory(Path.Combine(options.DataDirectory, "spool")),
            OfferStartTls = true,
        });
        services.AddSingleton(new ConnectionCount(options.Smtp.MaxConnections, options.Smtp.MaxConnectionsPerAddress));
        services.AddSingleton(provider => SmtpCertificate.Open(options, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<SmtpCertificate>>()));
        services.AddSingleton(provider => new TrustedProxies(
            SettingText.Networks("Commune:Smtp:ProxyProtocolFrom", options.Smtp.ProxyProtocolFrom), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(static provider => new SpfVerifier(provider.GetRequiredService<IDnsResolver>()));
        services.AddSingleton(static provider => new DkimVerifier(provider.GetRequiredService<IDnsResolver>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(static provider => new ArcVerifier(provider.GetRequiredService<IDnsResolver>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new DmarcVerifier(
            provider.GetRequiredService<IDnsResolver>(), PublicSuffixList.Bundled, new DmarcSettings { TreeWalk = options.Smtp.DmarcTreeWalk }));
        services.AddSingleton(static provider => new IpRevVerifier(provider.GetRequiredService<IDnsResolver>()));
        services.AddSingleton<AuthenticateMail>();
        services.AddSingleton<ReturnPaths>();
        services.AddSingleton<RecordReports>();
        services.AddSingleton<ReceiveDmarcReport>();
        services.AddSingleton<ScreenMail>();
        services.AddSingleton<AcceptMail>();
        services.AddSingleton<KeepDmarcReport>();
        services.AddSingleton<SmtpSessions>();
    }

    private static void AddOutbound(IServiceCollection services, CommuneOptions options)
    {
        var relays = new Relays(options.Outbound);
        services.AddSingleton(RetrySchedule.From(options.Outbound));
        services.AddSingleton<IDnsResolver>(provider => new DnsResolver(DnsSettings(options), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new MailRouter(
            provider.GetRequiredService<IStore>(), provider.GetRequiredService<IDnsResolver>(), relays,
            options.Outbound.MtaSts ? provider.GetRequiredService<MtaStsPolicies>() : null, options.Outbound.MxPort));
        services.AddSingleton<MtaStsPolicies>();
        services.AddSingleton<IMtaStsFetch>(provider => new MtaStsFetch(
            provider.GetRequiredService<IDnsResolver>(), options.Outbound.MtaStsPort, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<DkimKeyRing>();
        services.AddSingleton<SenderResolver>();
        services.AddSingleton<ComposeMail>();
        services.AddSingleton<SendPolicy>();
        services.AddSingleton(options.Outbound);
        services.AddSingleton<ReplyGuard>();
        services.AddSingleton<SubmitMail>();
        services.AddSingleton<ReleaseScheduled>();
        services.AddSingleton<AnsweredSchedules>();
        services.AddSingleton<Destinations>();
        services.AddSingleton<UnsubscribeLinks>();
        services.AddSingleton<Unsubscribing>();
        services.AddSingleton<SandboxAttempt>();
        services.AddSingleton<SandboxComplaints>();
        services.AddSingleton<LocalAttempt>();
        services.AddSingleton<ConnectHost>();
        services.AddSingleton<HostLines>();
        services.AddSingleton<RemoteAttempt>();
        services.AddSingleton<DeliverMessage>();
        if (options.HasRole("worker"))
        {
            services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<HostLines>());
            // More jobs than connections, so that no connection waits for the next job.
            AddLane(services, provider => new JobLane(JobKind.Deliver, options.Outbound.Concurrency * 2, options.Outbound.ConcurrencyPerDestination * 2,
                provider.GetRequiredService<DeliverMessage>().RunAsync));
            AddLane(services, static provider => new JobLane(JobKind.DeliverLocal, LocalConcurrency * 4, LocalConcurrency,
                provider.GetRequiredService<DeliverMessage>().RunAsync));
            if (options.Reputation.Enabled)
                services.AddHostedService<ReputationWatch>();
            AddLane(services, static provider => new JobLane(JobKind.Release, TimedConcurrency, TimedConcurrency, provider.GetRequiredService<ReleaseScheduled>().RunAsync));
            AddLane(services, static provider => new JobLane(JobKind.SandboxComplaint, TimedConcurrency, TimedConcurrency,
                provider.GetRequiredService<SandboxComplaints>().RunAsync));
        }
    }

    private static DnsResolverSettings DnsSettings(CommuneOptions options) => options.Dns.Servers is { Length: > 0 } servers
        ? new DnsResolverSettings { Servers = SettingText.EndPoints("Commune:Dns:Servers", servers) }
        : DnsResolverSettings.FromSystem();

    private static void AddLane(IServiceCollection services, Func<IServiceProvider, JobLane> lane) => services.AddSingleton<IHostedService>(
        provider => ActivatorUtilities.CreateInstance<JobWorker>(provider, lane(provider)));

    private static void AddApi(IServiceCollection services, CommuneOptions options)
    {
        services.AddSingleton<SendTiers>();
        services.AddSingleton<SendLimitHeaders>();
        services.AddSingleton<PublicAddress>();
        services.AddSingleton<LinkKeys>();
        services.AddSingleton<AttachmentLinks>();
        services.AddSingleton<StorageQuota>();
        services.AddSingleton<ShowDomain>();
        services.AddSingleton(new ClientAddress(SettingText.Networks("Commune:TrustedProxies", options.TrustedProxies)));
        services.AddSingleton<AgentSignatures>();
        services.AddSingleton<KeyUses>();
        services.AddHostedService(static provider => provider.GetRequiredService<KeyUses>());
        services.AddSingleton<RegistrationPolicy>();
        services.AddSingleton<ExecuteDeletion>();
        services.AddSingleton<FinishDeletion>();
        if (options.HasRole("worker"))
            AddLane(services, static provider => new JobLane(JobKind.DeleteData, 1, 1, provider.GetRequiredService<FinishDeletion>().RunAsync));
        services.AddSingleton<EventFeeds>();
        services.AddSingleton<EventSending>();
    }

    private static void AddMetrics(IServiceCollection services)
    {
        services.AddSingleton<MetricsReader>();
        services.AddSingleton(static provider => new Traffic(MeterOf(provider), provider.GetRequiredService<ConnectionCount>()));
        services.AddSingleton(static provider => new StoreBacklog(
            MeterOf(provider), provider.GetRequiredService<IStore>(), provider.GetService<EmbeddingProvider>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<StoreBacklog>>()));

        static Meter MeterOf(IServiceProvider provider) => provider.GetRequiredService<IMeterFactory>().Create(Traffic.MeterName);
    }

    private static void AddDomains(IServiceCollection services, CommuneOptions options)
    {
        services.AddSingleton(provider => new LiveDns(new DnsResolver(
            DnsSettings(options) with { CacheEntries = 0 }, provider.GetRequiredService<TimeProvider>())));
        services.AddSingleton<DomainRecords>();
        services.AddSingleton<CheckDomain>();
        services.AddSingleton<RecordDomainCheck>();
        if (options.HasRole("worker"))
            services.AddHostedService<DomainWatch>();
    }

    private static void AddWebhooks(IServiceCollection services, CommuneOptions options)
    {
        services.AddSingleton(options.Webhooks);
        services.AddSingleton(WebhookSchedule.From(options.Webhooks));
        services.AddSingleton<EndpointGuard>();
        services.AddSingleton<WebhookClient>();
        services.AddSingleton<ReceivedHeaders>();
        services.AddSingleton<CallWebhook>();
        if (options.HasRole("worker"))
        {
            AddLane(services, provider => new JobLane(JobKind.Webhook, options.Webhooks.Concurrency, options.Webhooks.ConcurrencyPerEndpoint,
                provider.GetRequiredService<CallWebhook>().RunAsync));
        }
    }

    private static void AddExtraction(IServiceCollection services, CommuneOptions options)
    {
        services.AddSingleton(options.Extraction);
        // A test may have put its own there.
        services.TryAddSingleton(Extractors.Open);
        services.AddSingleton<ReadBySchema>();
        services.AddSingleton<ExtractArrival>();
        services.AddSingleton<BackfillInbox>();
        if (options.HasRole("worker"))
        {
            var places = options.Extraction.Concurrency;
            AddLane(services, provider => new JobLane(JobKind.Extract, places, Math.Max(1, places / 4), provider.GetRequiredService<ExtractArrival>().RunAsync));
            AddLane(services, static provider => new JobLane(JobKind.ExtractBackfill, 2, 1, provider.GetRequiredService<BackfillInbox>().RunAsync));
        }
    }

    private static void AddSearch(IServiceCollection services, CommuneOptions options)
    {
        services.AddSingleton<IVectorSource>(options.Embeddings.Provider == EmbeddingOptions.None ? new WordsOnly(new BuiltInVectors()) : new BuiltInVectors());
        services.AddSingleton(provider => new IndexMail(provider.GetRequiredService<IVectorSource>()) { HasProvider = options.Embeddings.UsesModel });
        if (options.Embeddings.UsesModel)
        {
            services.AddSingleton(provider => new EmbeddingProvider(
                options.Embeddings, provider.GetRequiredService<IStore>(), provider.GetRequiredService<TimeProvider>()));
            services.AddSingleton<EmbedMail>();
            services.AddSingleton(static provider => new AskProvider(
                provider.GetRequiredService<IStore>(), provider.GetRequiredService<EmbeddingProvider>(), provider.GetService<Qdrant>()));
            if (options.HasRole("worker"))
            {
                services.AddHostedService<EmbeddingStart>();
                AddLane(services, static provider => new JobLane(JobKind.EmbedMail, EmbeddedAtOnce, 1, provider.GetRequiredService<EmbedMail>().RunAsync));
            }
        }
        if (options.Search.Qdrant.IsUsed)
        {
            services.AddSingleton(provider => new Qdrant(options.Search.Qdrant, provider.GetRequiredService<TimeProvider>()));
            services.AddSingleton<MirrorVectors>();
            if (options.HasRole("worker"))
            {
                services.AddHostedService<MirrorWatch>();
                AddLane(services, static provider => new JobLane(JobKind.MirrorVectors, EmbeddedAtOnce, 1, provider.GetRequiredService<MirrorVectors>().RunAsync));
            }
        }
        services.AddSingleton(provider => new SearchCache(provider.GetRequiredService<IVectorSource>(), options.Search.MemoryMegabytes * 1024L * 1024));
        services.AddSingleton(static provider => new SearchMail(
            provider.GetRequiredService<IStore>(), provider.GetRequiredService<SearchCache>(), provider.GetRequiredService<IVectorSource>(),
            provider.GetRequiredService<Traffic>(), provider.GetService<AskProvider>()));
        services.AddHostedService<FollowDeletions>();
        services.AddSingleton<MergeSegments>();
        services.AddSingleton<PurgeDeleted>();
        services.AddSingleton<IndexOlderMail>();
        services.AddSingleton<IndexUpkeep>();
        services.AddSingleton<IndexAttachments>();
        if (options.HasRole("worker"))
        {
            services.AddHostedService<SearchStart>();
            AddLane(services, static provider => new JobLane(JobKind.SearchIndex, IndexesAtOnce, 1, provider.GetRequiredService<IndexUpkeep>().RunAsync));
            AddLane(services, static provider => new JobLane(JobKind.ReadAttachments, FilesAtOnce, 1, provider.GetRequiredService<IndexAttachments>().RunAsync));
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Setting} This version of the program ignores it")]
    private static partial void LogUnknownSetting(ILogger log, UnknownSetting setting);
}
