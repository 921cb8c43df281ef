using System.Net;
using System.Net.Sockets;
using Commune.Mail.Dns;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Webhooks;

/// <summary>The endpoint may not be called: why, in words for the organisation that set it.</summary>
internal sealed class EndpointRefusedException(string message) : IOException(message);

/// <summary>
/// Decides whether an endpoint may be called, when it is set and again at each connection: a name can resolve to another address then
/// (DNS rebinding), so the connection goes to the address that was looked at and to no other.
/// </summary>
internal sealed class EndpointGuard(IDnsResolver dns, WebhookOptions options, TimeProvider time)
{
    private static readonly TimeSpan SetUpLimit = TimeSpan.FromSeconds(3);

    /// <summary>
    /// The setting as it is to be stored: a secret that it replaces stays valid for a time. A name that cannot be resolved now is taken;
    /// whoever set it may make the record later, and it is looked at before every call.
    /// </summary>
    /// <exception cref="ApiException">400: the endpoint may not be called.</exception>
    public async Task<WebhookSetting?> AdmitAsync(WebhookSetting? next, WebhookSetting? present, CancellationToken cancellation)
    {
        if (next is null || ReferenceEquals(next, present))
            return next;
        await CheckAsync(next.Endpoint, "webhook.endpoint", cancellation);
        return WithFormerSecret(next, present);
    }

    /// <summary>The setting with the secret that it replaces, or that its present one replaced, while that is valid.</summary>
    public WebhookSetting WithFormerSecret(WebhookSetting next, WebhookSetting? present)
    {
        if (present is null || options.FormerSecretFor <= TimeSpan.Zero)
            return next;
        var now = time.GetUtcNow();
        return next.Secret != present.Secret
            ? next with { FormerSecret = present.Secret, FormerSecretUntil = (now + options.FormerSecretFor).ToUnixTimeMilliseconds() }
            : next with { FormerSecret = present.FormerSecret, FormerSecretUntil = present.FormerSecretUntil };
    }

    /// <exception cref="ApiException">400: the endpoint may not be called.</exception>
    public async Task CheckAsync(string endpoint, string field, CancellationToken cancellation)
    {
        var uri = new Uri(endpoint);
        if (uri.Scheme == "http" && !options.AllowHttp)
            throw ApiException.Invalid(field, $"{field} must be https on this server");
        if (options.AllowPrivateNetworks)
            return;
        using var limit = new CancellationTokenSource(SetUpLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        IReadOnlyList<IPAddress> addresses;
        try
        {
            addresses = await ResolveAsync(uri.IdnHost, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return;
        }
        if (addresses.Any(static address => !AddressPolicy.IsPublic(address)))
            throw ApiException.Invalid(field, $"{field} is at an address of a private network, which this server does not call");
    }

    /// <summary>Connects to an address of the host that may be called.</summary>
    /// <exception cref="EndpointRefusedException">There is none.</exception>
    public async ValueTask<Stream> ConnectAsync(DnsEndPoint host, CancellationToken cancellation)
    {
        var addresses = await ResolveAsync(host.Host, cancellation);
        if (addresses.Count == 0)
            throw new EndpointRefusedException($"The host name {host.Host} cannot be resolved");
        if (!options.AllowPrivateNetworks)
            addresses = [.. addresses.Where(AddressPolicy.IsPublic)];
        if (addresses.Count == 0)
            throw new EndpointRefusedException("The endpoint is at an address of a private network, which this server does not call");

        const int Tried = 4;
        for (var i = 0; ; i++)
        {
            var socket = new Socket(addresses[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(addresses[i], host.Port), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception error)
            {
                socket.Dispose();
                if (error is not SocketException || i + 1 >= Math.Min(addresses.Count, Tried))
                    throw;
            }
        }
    }

    private async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellation)
    {
        if (IPAddress.TryParse(host.Trim('[', ']'), out var literal))
            return [literal];
        var answer = await dns.AddressesAsync(host, null, cancellation);
        if (answer.Status == DnsStatus.Success)
            return answer.Records;
        if (answer.IsTemporaryFailure && host.Contains('.', StringComparison.Ordinal))
            return [];
        try
        {
            // What the DNS does not know may stand in the hosts file: localhost, or a neighbour in a container network.
            return await System.Net.Dns.GetHostAddressesAsync(host, cancellation);
        }
        catch (SocketException)
        {
            return [];
        }
    }
}
