using Commune.Mail.Arc;
using Commune.Mail.Dkim;
using Commune.Mail.Dmarc;
using Commune.Mail.Dns;
using Commune.Mail.IpRev;
using Commune.Mail.PublicSuffix;
using Commune.Mail.Smtp.Server;
using Commune.Mail.Spf;
using Commune.Server.Hosting;
using Commune.Server.Inbound.Reports;
using Commune.Server.Outbound;
using Microsoft.AspNetCore.Connections;

namespace Commune.Server.Inbound;

/// <summary>Mail that comes in: listening, checking, storing.</summary>
internal static class InboundServices
{
    public static void AddInbound(this IServiceCollection services, CommuneOptions options)
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
        services.AddSingleton(options.Screening);
        services.AddSingleton<ScreenMail>();
        services.AddSingleton<AcceptMail>();
        services.AddSingleton<KeepDmarcReport>();
        services.AddSingleton<SmtpSessions>();
        services.AddSingleton<IConnectionListenerFactory, SmtpListenerFactory>();
    }
}
