using Commune.Mail.Dns;
using Commune.Server.Hosting;
using Commune.Server.Jobs;
using Commune.Storage;

namespace Commune.Server.Outbound;

/// <summary>Mail that leaves: composing, the queue, routes, delivery.</summary>
internal static class OutboundServices
{
    /// <summary>Local deliveries wait for nothing but the one writer.</summary>
    private const int LocalConcurrency = 8;

    /// <summary>What waits for its time, and is done in one transaction.</summary>
    private const int TimedConcurrency = 64;

    public static void AddOutbound(this IServiceCollection services, CommuneOptions options)
    {
        var relays = new Relays(options.Outbound);
        services.AddSingleton(RetrySchedule.From(options.Outbound));
        services.AddSingleton<IDnsResolver>(provider => new DnsResolver(options.Dns.ForResolver(), provider.GetRequiredService<TimeProvider>()));
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
        services.AddSingleton<JustQueued>();
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
            services.AddLane(provider => new JobLane(JobKind.Deliver, options.Outbound.Concurrency * 2, options.Outbound.ConcurrencyPerDestination * 2,
                provider.GetRequiredService<DeliverMessage>().RunAsync));
            services.AddLane(static provider => new JobLane(JobKind.DeliverLocal, LocalConcurrency * 4, LocalConcurrency,
                provider.GetRequiredService<DeliverMessage>().RunAsync));
            if (options.Reputation.Enabled)
                services.AddHostedService<ReputationWatch>();
            services.AddLane(static provider => new JobLane(JobKind.Release, TimedConcurrency, TimedConcurrency, provider.GetRequiredService<ReleaseScheduled>().RunAsync));
            services.AddLane(static provider => new JobLane(JobKind.SandboxComplaint, TimedConcurrency, TimedConcurrency,
                provider.GetRequiredService<SandboxComplaints>().RunAsync));
        }
    }
}
