using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace Commune.Server.Webhooks;

/// <summary>A call as it is to be made.</summary>
/// <param name="Secrets">The present one first.</param>
/// <param name="Headers">The endpoint's own, sent besides ours.</param>
internal sealed record WebhookCall(
    string Endpoint, IReadOnlyList<string> Secrets, string DeliveryId, int Attempt, byte[] Body, TimeSpan Timeout,
    IReadOnlyDictionary<string, string>? Headers = null);

/// <param name="StatusCode">Null when there was no answer.</param>
/// <param name="Error">Null when the endpoint took it; else one line.</param>
internal sealed record WebhookAnswer(int? StatusCode, string? Error, TimeSpan? RetryAfter, TimeSpan Latency);

/// <summary>
/// Makes calls to endpoints that strangers name: no redirects, proxies or cookies, a time limit over everything, little of the answer read
/// and none of it kept.
/// </summary>
internal sealed class WebhookClient : IDisposable
{
    private const int MostAnswer = 64 * 1024;
    private const int MostError = 300;

    /// <summary>An answer's body only lets the connection be used again: it is not waited for long.</summary>
    private static readonly TimeSpan BodyLimit = TimeSpan.FromSeconds(1);

    private static readonly Dictionary<string, string> NoHeaders = new(StringComparer.Ordinal);

    private readonly HttpClient http;
    private readonly TimeProvider time;

    public WebhookClient(EndpointGuard guard, TimeProvider time)
    {
        this.time = time;
        http = new HttpClient(
            new SocketsHttpHandler
            {
                ConnectCallback = (context, cancellation) => guard.ConnectAsync(context.DnsEndPoint, cancellation),
                AllowAutoRedirect = false,
                UseProxy = false,
                UseCookies = false,
                AutomaticDecompression = DecompressionMethods.None,
                MaxResponseHeadersLength = 16,
                MaxResponseDrainSize = 0,
                PooledConnectionLifetime = TimeSpan.FromMinutes(2),
                PooledConnectionIdleTimeout = TimeSpan.FromSeconds(20),
                ActivityHeadersPropagator = null,
            },
            disposeHandler: true)
        {
            // Each call has its own limit, on a clock that tests move.
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public void Dispose() => http.Dispose();

    public async Task<WebhookAnswer> SendAsync(WebhookCall call, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        using var limit = new CancellationTokenSource(call.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            using var request = Request(call);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var latency = time.GetElapsedTime(start);
            await DrainAsync(response, either.Token);
            var code = (int)response.StatusCode;
            return new WebhookAnswer(code, ErrorOf(code), RetryAfter(response.Headers.RetryAfter), latency);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Failed($"No answer within {call.Timeout.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture)} s");
        }
        catch (Exception error) when (error is HttpRequestException or IOException or SocketException)
        {
            return Failed(Describe(error));
        }

        WebhookAnswer Failed(string why) => new(null, why, null, time.GetElapsedTime(start));
    }

    private HttpRequestMessage Request(WebhookCall call)
    {
        var now = time.GetUtcNow();
        var timestamp = now.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        var content = new ByteArrayContent(call.Body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        var request = new HttpRequestMessage(HttpMethod.Post, call.Endpoint) { Content = content };
        var headers = request.Headers;
        headers.Add("User-Agent", "Commune-Webhooks/1");
        headers.Add("x-commune-signature", WebhookSignature.Commune(call.Secrets[0], timestamp, call.Body));
        headers.Add("x-commune-timestamp", timestamp);
        headers.Add(WebhookLoop.Mark, call.DeliveryId);
        headers.Add("x-commune-attempt", call.Attempt.ToString(CultureInfo.InvariantCulture));
        headers.Add("webhook-id", call.DeliveryId);
        headers.Add("webhook-timestamp", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        headers.Add("webhook-signature", WebhookSignature.Standard(call.Secrets, call.DeliveryId, now.ToUnixTimeSeconds(), call.Body));
        foreach (var (name, value) in call.Headers ?? NoHeaders)
            headers.TryAddWithoutValidation(name, value);
        return request;
    }

    /// <summary>The status line has decided: whatever becomes of the body changes nothing.</summary>
    private async Task DrainAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(BodyLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        var buffer = ArrayPool<byte>.Shared.Rent(8192);
        try
        {
            var body = await response.Content.ReadAsStreamAsync(either.Token);
            for (var read = 0; read < MostAnswer;)
            {
                var count = await body.ReadAsync(buffer, either.Token);
                if (count == 0)
                    return;
                read += count;
            }
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException)
        {
            // The connection is closed with the response.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static string? ErrorOf(int code) => code switch
    {
        >= 200 and < 300 => null,
        >= 300 and < 400 => $"HTTP {code}: redirects are not followed",
        _ => $"HTTP {code}",
    };

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header) =>
        header?.Delta ?? (header?.Date is { } date && date > time.GetUtcNow() ? date - time.GetUtcNow() : null);

    private static string Describe(Exception error)
    {
        var root = error.GetBaseException();
        var text = error switch
        {
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => $"TLS failed: {root.Message}",
            _ when root is SocketException socket => $"The connection failed: {socket.SocketErrorCode}",
            _ => root.Message,
        };
        var line = new StringBuilder();
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, MostError)))
            line.Append(char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c);
        return line.ToString();
    }
}
