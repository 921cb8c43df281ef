using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Commune.Client;

/// <summary>Makes the calls: credentials, attempts, errors, pages.</summary>
internal sealed class Transport : IDisposable
{
    private readonly CommuneClientOptions options;
    private readonly HttpClient http;

    public Transport(CommuneClientOptions options)
    {
        this.options = options;
        http = options.Handler is { } handler ? new HttpClient(handler, disposeHandler: false) : new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(10) });
        // Each attempt has a limit of its own.
        http.Timeout = Timeout.InfiniteTimeSpan;
    }

    internal static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public CommuneClientOptions Options => options;

    public void Dispose() => http.Dispose();

    /// <summary>The member <c>data</c> of the answer.</summary>
    public async Task<T> DataAsync<T>(HttpMethod method, string path, object? body, CancellationToken cancellation, string? idempotencyKey = null) =>
        (await AnswerAsync<Data<T>>(method, path, body, cancellation, idempotencyKey)).Value;

    /// <summary>The whole answer.</summary>
    public async Task<T> AnswerAsync<T>(
        HttpMethod method, string path, object? body, CancellationToken cancellation, string? idempotencyKey = null, TimeSpan patience = default)
    {
        using var response = await SendAsync(new Request(method, path, Content(body), idempotencyKey, patience), HttpCompletionOption.ResponseContentRead, cancellation);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        return await JsonSerializer.DeserializeAsync<T>(stream, Json, cancellation) ?? throw new JsonException("The answer is null.");
    }

    /// <summary>The bytes of an answer that is not JSON.</summary>
    public async Task<byte[]> BytesAsync(string path, CancellationToken cancellation)
    {
        using var response = await SendAsync(new Request(HttpMethod.Get, path, null, null, default), HttpCompletionOption.ResponseContentRead, cancellation);
        return await response.Content.ReadAsByteArrayAsync(cancellation);
    }

    /// <summary>Every item of a list, page after page.</summary>
    public async IAsyncEnumerable<T> PagesAsync<T>(string path, [EnumeratorCancellation] CancellationToken cancellation)
    {
        string? cursor = null;
        do
        {
            var page = await AnswerAsync<Page<T>>(HttpMethod.Get, cursor is null ? path : With(path, ("cursor", cursor)), null, cancellation);
            foreach (var item in page.Data)
                yield return item;
            cursor = page.NextCursor;
        }
        while (cursor is not null);
    }

    /// <summary>An answer whose body goes on; the caller disposes it.</summary>
    public Task<HttpResponseMessage> OpenAsync(string path, string? lastEventId, CancellationToken cancellation) =>
        SendAsync(new Request(HttpMethod.Get, path, null, null, default) { LastEventId = lastEventId }, HttpCompletionOption.ResponseHeadersRead, cancellation);

    /// <summary>The path with the parameters that have a value.</summary>
    public static string With(string path, params ReadOnlySpan<(string Name, object? Value)> query)
    {
        var result = new StringBuilder(path);
        var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        foreach (var (name, value) in query)
        {
            if (value is null)
                continue;
            var text = value is DateTimeOffset at ? at.UtcDateTime.ToString("O") : Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)!;
            result.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(text));
            separator = '&';
        }
        return result.ToString();
    }

    /// <summary>An id as a segment of a path.</summary>
    public static string Segment(string id) => string.IsNullOrEmpty(id) ? throw new ArgumentException("An id is needed.", nameof(id)) : Uri.EscapeDataString(id);

    private static RawContent? Content(object? body) => body switch
    {
        null => null,
        RawContent raw => raw,
        _ => new RawContent(JsonSerializer.SerializeToUtf8Bytes(body, body.GetType(), Json), "application/json"),
    };

    private async Task<HttpResponseMessage> SendAsync(Request request, HttpCompletionOption completion, CancellationToken cancellation)
    {
        for (var attempt = 0; ; attempt++)
        {
            TimeSpan? asked = null;
            using var limit = new CancellationTokenSource(options.Timeout + request.Patience, options.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
            try
            {
                using var message = await MessageAsync(request, either.Token);
                var response = await http.SendAsync(message, completion, either.Token);
                if (response.IsSuccessStatusCode)
                    return response;
                using (response)
                {
                    var error = await ErrorAsync(response, either.Token);
                    if (attempt >= options.Retries || !MayRepeat(request, error.Status) || error.RetryAfter > options.LongestDelay)
                        throw error;
                    asked = error.RetryAfter;
                }
            }
            catch (HttpRequestException error) when (attempt < options.Retries && MayRepeat(request, error.HttpRequestError))
            {
                // Another attempt follows.
            }
            catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
            {
                if (attempt >= options.Retries || !request.IsRepeatable)
                    throw new TimeoutException($"The server did not answer within {options.Timeout + request.Patience}.", error);
            }
            await Task.Delay(Delay(attempt, asked), options.Time, cancellation);
        }
    }

    /// <summary>What was refused for lack of room was not done; else only what may be done twice is repeated.</summary>
    private static bool MayRepeat(Request request, int status) => status is 429 or 503 || (status >= 500 && request.IsRepeatable);

    private static bool MayRepeat(Request request, HttpRequestError error) =>
        request.IsRepeatable || error is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError;

    private TimeSpan Delay(int attempt, TimeSpan? asked)
    {
        // Clients that failed together must not come back together.
        var grown = options.FirstDelay * Math.Pow(2, attempt) * (RandomNumberGenerator.GetInt32(75, 126) / 100.0);
        var delay = asked > grown ? asked.Value : grown;
        return delay < options.LongestDelay ? delay : options.LongestDelay;
    }

    private async Task<HttpRequestMessage> MessageAsync(Request request, CancellationToken cancellation)
    {
        var message = new HttpRequestMessage(request.Method, new Uri(options.Address, request.Path));
        if (request.Content is { } content)
        {
            message.Content = new ByteArrayContent(content.Bytes);
            message.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(content.MediaType);
            if (content.FileName is { } name)
                message.Headers.TryAddWithoutValidation("X-Filename", Uri.EscapeDataString(name));
        }
        if (request.IdempotencyKey is { } key)
            message.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        if (request.LastEventId is { } last)
            message.Headers.TryAddWithoutValidation("Last-Event-ID", last);
        if (await AuthorizationAsync(request.Content?.Bytes ?? [], cancellation) is { } authorization)
            message.Headers.TryAddWithoutValidation("Authorization", authorization);
        return message;
    }

    public async ValueTask<string?> AuthorizationAsync(byte[] body, CancellationToken cancellation)
    {
        if (options.Agent is { } agent)
            return $"Agent {agent.AgentId}:{Convert.ToBase64String(await agent.Sign(body, cancellation))}";
        return options.ApiKey is { } key ? "Bearer " + key : null;
    }

    private static async Task<CommuneException> ErrorAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var status = (int)response.StatusCode;
        var after = response.Headers.RetryAfter?.Delta;
        try
        {
            var body = JsonSerializer.Deserialize<ErrorBody>(await response.Content.ReadAsByteArrayAsync(cancellation), Json);
            if (body?.Error is { } sentence)
                return new CommuneException(status, body.Code, sentence) { Details = body.Details ?? [], Required = body.Required ?? [], RetryAfter = after };
        }
        catch (JsonException)
        {
            // Not from the program itself: a proxy, most likely.
        }
        return new CommuneException(status, null, $"The server answered with status {status}.") { RetryAfter = after };
    }

    private sealed record Request(HttpMethod Method, string Path, RawContent? Content, string? IdempotencyKey, TimeSpan Patience)
    {
        public string? LastEventId { get; init; }
        public bool IsRepeatable => IdempotencyKey is not null || Method == HttpMethod.Get || Method == HttpMethod.Put || Method == HttpMethod.Patch;
    }

    private sealed record ErrorBody(string? Error, string? Code, IReadOnlyList<FieldProblem>? Details, IReadOnlyList<string>? Required);

    private sealed record Data<T>([property: JsonPropertyName("data")] T Value);

    private sealed record Page<T>(IReadOnlyList<T> Data, string? NextCursor);
}

/// <summary>A body that is not JSON.</summary>
internal sealed record RawContent(byte[] Bytes, string MediaType, string? FileName = null);
