using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Commune.Mail.Dns;
using Commune.Mail.MtaSts;

namespace Commune.Server.Outbound;

/// <summary>Gets the policy file of a domain.</summary>
public interface IMtaStsFetch
{
    /// <returns>The file, or null and why there is none.</returns>
    Task<(string? Policy, string Reason)> FetchAsync(string domain, CancellationToken cancellation);
}

/// <summary>
/// Over HTTPS from <c>mta-sts.domain</c> (RFC 8461 §3.3): a valid certificate, no redirects, no caches, and no more than a policy's size and time.
/// </summary>
internal sealed class MtaStsFetch : IMtaStsFetch, IDisposable
{
    private static readonly TimeSpan LongestFetch = TimeSpan.FromSeconds(15);

    private readonly HttpClient client;
    private readonly TimeProvider time;

    /// <param name="trustedRoots">Instead of the system's; for tests.</param>
    public MtaStsFetch(IDnsResolver resolver, int port, TimeProvider time, X509Certificate2Collection? trustedRoots = null)
    {
        this.time = time;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5),
            ConnectCallback = (context, cancellation) => ConnectAsync(resolver, context.DnsEndPoint.Host, port, cancellation),
        };
        if (trustedRoots is not null)
        {
            var chain = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            chain.CustomTrustStore.AddRange(trustedRoots);
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = chain };
        }
        client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = MtaStsPolicy.MaxBytes };
    }

    public async Task<(string? Policy, string Reason)> FetchAsync(string domain, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(LongestFetch, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            using var response = await client.GetAsync(new Uri($"https://mta-sts.{domain}/.well-known/mta-sts.txt"), either.Token);
            if (response.StatusCode != HttpStatusCode.OK)
                return (null, $"the policy host answered {(int)response.StatusCode}");
            // §3.2: a web server that shows its home page for every address is not to be taken at its word.
            return response.Content.Headers.ContentType?.MediaType == "text/plain"
                ? (await response.Content.ReadAsStringAsync(either.Token), "")
                : (null, "the policy is not text/plain");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (null, $"the policy host did not answer within {LongestFetch.TotalSeconds:0} seconds");
        }
        catch (Exception error) when (error is HttpRequestException or UriFormatException or InvalidOperationException)
        {
            return (null, (error.InnerException ?? error).Message);
        }
    }

    public void Dispose() => client.Dispose();

    /// <summary>By our own resolver, as every DNS question of the program.</summary>
    private static async ValueTask<Stream> ConnectAsync(IDnsResolver resolver, string host, int port, CancellationToken cancellation)
    {
        var addresses = await resolver.AddressesAsync(host, null, cancellation);
        if (addresses.Records.Count == 0)
            throw new HttpRequestException($"{host} has no address");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync([.. addresses.Records], port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
