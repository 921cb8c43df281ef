using Commune.Mail.Smtp.Client;
using Commune.Server.Hosting;
using Microsoft.Extensions.Options;

namespace Commune.Server.Outbound;

/// <summary>Opens a connection to a mail host, as secure as it must be.</summary>
internal sealed class ConnectHost(IOptions<CommuneOptions> options, TimeProvider time)
{
    public async Task<SmtpConnectResult> ConnectAsync(MailHost host, CancellationToken cancellation)
    {
        var settings = new SmtpClientSettings
        {
            HeloName = options.Value.EffectiveHostName,
            Host = host.Name,
            EndPoint = host.EndPoint,
            Tls = host.Tls,
            Credentials = host.Credentials,
            // RFC 5321 §4.5.3.2.1 allows a greeting five minutes; a host that needs more than one holds a place that others wait for.
            GreetingTimeout = TimeSpan.FromMinutes(1),
            QuitTimeout = TimeSpan.FromSeconds(2),
        };
        var result = await SmtpClientConnection.ConnectAsync(settings, time, cancellation);
        // RFC 7435: opportunistic encryption falls back to clear text rather than not delivering.
        return result is SmtpConnectResult.Failed { Stage: SmtpStage.Tls } && host.Tls == SmtpTlsMode.Opportunistic
            ? await SmtpClientConnection.ConnectAsync(settings with { Tls = SmtpTlsMode.None }, time, cancellation)
            : result;
    }
}
