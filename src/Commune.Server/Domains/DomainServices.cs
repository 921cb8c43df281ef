using Commune.Mail.Dns;
using Commune.Server.Hosting;

namespace Commune.Server.Domains;

/// <summary>Domains and the checks of their records.</summary>
internal static class DomainServices
{
    public static void AddDomains(this IServiceCollection services, CommuneOptions options)
    {
        services.AddSingleton(provider => new LiveDns(new DnsResolver(
            options.Dns.ForResolver() with { CacheEntries = 0 }, provider.GetRequiredService<TimeProvider>())));
        services.AddSingleton<DomainRecords>();
        services.AddSingleton<CheckDomain>();
        services.AddSingleton<RecordDomainCheck>();
        if (options.HasRole("worker"))
            services.AddHostedService<DomainWatch>();
    }
}
