using System.Diagnostics.Metrics;
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
using Commune.Server.Jobs;
using Commune.Server.Metrics;
using Commune.Server.Outbound;
using Commune.Server.Search;
using Commune.Server.Webhooks;
using Commune.Storage;
using Commune.Storage.Blobs;
using Commune.Storage.Postgres;
using Commune.Storage.Sqlite;
using Microsoft.Extensions.Options;

namespace Commune.Server.Hosting;

/// <summary>Puts the program together: options, services, listeners, routes.</summary>
internal static partial class CommuneHost
{
    /// <summary>The largest request, but for a send: a file of 10 MB as base64 fits (contract section 1).</summary>
    private const long MaxRequestBytes = 16 * 1024 * 1024;

    /// <summary>A search of 2 000 characters of four bytes, each written as %XX, fits.</summary>
    private const int MaxRequestLine = 32 * 1024;

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
        builder.Services.AddInbound(options);
        builder.Services.AddOutbound(options);
        builder.Services.AddDomains(options);
        builder.Services.AddWebhooks(options);
        builder.Services.AddExtraction(options);
        builder.Services.AddSearch(options);
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
        var options = services.GetRequiredService<IOptions<CommuneOptions>>().Value;
        var started = await FirstStart.RunAsync(services.GetRequiredService<IStore>(), options, services.GetRequiredService<TimeProvider>(), CancellationToken.None);
        await services.GetRequiredService<VectorEngineInUse>().OpenAsync(options.MayUsePgVector, CancellationToken.None);
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
            services.AddLane(static provider => new JobLane(JobKind.DeleteData, 1, 1, provider.GetRequiredService<FinishDeletion>().RunAsync));
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Setting} This version of the program ignores it")]
    private static partial void LogUnknownSetting(ILogger log, UnknownSetting setting);
}
