using System.Net;
using Commune.Mail.Smtp.Server;
using Commune.Server.Hosting;
using Commune.Server.Inbound.Reports;
using Commune.Server.Metrics;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Options;

namespace Commune.Server.Inbound;

/// <summary>Where mail walks in: one SMTP connection, from Kestrel to the session (docs/mail-flow.md, step 1).</summary>
internal sealed partial class SmtpConnectionHandler(
    SmtpServerSettings settings, SmtpCertificate certificate, ConnectionCount connections, TrustedProxies proxies,
    AuthenticateMail authenticate, AcceptMail accept, Outbound.ReturnPaths returnPaths, ReceiveDmarcReport dmarcReports, Storage.IStore store,
    IOptions<CommuneOptions> options, SmtpSessions sessions, Traffic traffic, TimeProvider time, ILogger<SmtpConnectionHandler> log) : ConnectionHandler
{
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        var remote = connection.RemoteEndPoint as IPEndPoint ?? new IPEndPoint(IPAddress.None, 0);
        if (proxies.Contains(remote.Address))
        {
            if (await proxies.ReadAsync(connection.Transport.Input, connection.ConnectionClosed) is not { } header)
            {
                LogNoProxyHeader(log, remote.Address);
                return;
            }
            remote = header.Source ?? remote;
        }
        var address = remote.Address;
        using var place = connections.TryEnter(address);
        traffic.Connected(hasPlace: place is not null);
        if (place is null)
        {
            await RefuseAsync(connection);
            return;
        }

        var mail = new ReceiveMail(authenticate, accept, returnPaths, dmarcReports, store, options.Value, time);
        var session = new SmtpSession(settings, new CountedMail(mail, traffic), time)
        {
            OnHandlerError = error => LogHandlerError(log, error, connection.ConnectionId),
        };
        var info = new SmtpSessionInfo
        {
            SessionId = connection.ConnectionId,
            RemoteEndPoint = remote,
            LocalEndPoint = connection.LocalEndPoint,
        };
        var drain = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(drain, sessions.Drain);
        await session.RunAsync(info, connection.Transport, certificate.UpgradeAsync, either.Token, connection.ConnectionClosed);
    }

    private static async Task RefuseAsync(ConnectionContext connection)
    {
        await connection.Transport.Output.WriteAsync("421 4.7.0 Too many connections, try again later\r\n"u8.ToArray(), connection.ConnectionClosed);
        await connection.Transport.Output.CompleteAsync();
        await connection.Transport.Input.CompleteAsync();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A connection from the proxy {Address} did not begin with a PROXY header and was closed")]
    private static partial void LogNoProxyHeader(ILogger log, IPAddress address);

    [LoggerMessage(Level = LogLevel.Error, Message = "SMTP connection {ConnectionId}: the message could not be taken and was deferred with 451")]
    private static partial void LogHandlerError(ILogger log, Exception error, string connectionId);
}

/// <summary>Tells every SMTP session when the program stops: what is under way is finished, nothing new begins.</summary>
internal sealed class SmtpSessions(IHostApplicationLifetime lifetime)
{
    public CancellationToken Drain => lifetime.ApplicationStopping;
}
