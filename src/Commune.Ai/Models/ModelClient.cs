using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;

namespace Commune.Ai.Models;

/// <summary>
/// Posts JSON to a model's endpoint: bounded in time, attempts and size of the answer, paid for from the organisation's budget. Reasons that it gives
/// name the endpoint's status and error code; they never hold the key, nor what was asked, which an error message might repeat.
/// </summary>
public sealed class ModelClient : IDisposable
{
    private const int MostErrorBytes = 16 * 1024;
    private const int LongestCode = 60;

    private readonly ModelSettings settings;
    private readonly IModelBudget budget;
    private readonly TimeProvider time;
    private readonly HttpClient http;

    /// <param name="handler">How connections are made; it is disposed of with this client.</param>
    public ModelClient(ModelSettings settings, IModelBudget budget, TimeProvider time, HttpMessageHandler? handler = null)
    {
        this.settings = settings;
        this.budget = budget;
        this.time = time;
        http = new HttpClient(handler ?? new SocketsHttpHandler
        {
            // A redirect would carry the question to a place that nobody configured.
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            ActivityHeadersPropagator = null,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    internal ModelSettings Settings => settings;

    public void Dispose() => http.Dispose();

    /// <param name="path">Behind the endpoint.</param>
    /// <param name="estimatedTokens">Of question and answer.</param>
    /// <param name="usageOf">What an answer says it cost; null when it does not say.</param>
    internal async Task<ModelCall> PostAsync(string orgId, string path, byte[] body, int estimatedTokens, Func<JsonElement, ModelUsage?> usageOf, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (!await budget.TryTakeAsync(orgId, estimatedTokens, ct))
                return new ModelCall.Refused("The organisation's budget for models is spent for today.", IsBudgetSpent: true);
            var outcome = await AttemptAsync(path, body, ct, async usage => await budget.SpentAsync(orgId, estimatedTokens, usage, CancellationToken.None), estimatedTokens, usageOf);
            if (outcome is not { Call: ModelCall.Failed failed, MayRetry: true } || attempt >= settings.Attempts)
                return outcome.Call;
            var pause = PauseAfter(attempt, outcome.RetryAfter);
            if (pause > settings.LongestPause)
                return new ModelCall.Failed($"{failed.Reason} It asks to be left alone for {pause.TotalSeconds:0} s.");
            await Task.Delay(pause, time, ct);
        }
    }

    private readonly record struct Outcome(ModelCall Call, bool MayRetry = false, TimeSpan? RetryAfter = null);

    private async Task<Outcome> AttemptAsync(
        string path, byte[] body, CancellationToken ct, Func<ModelUsage, Task> spent, int estimatedTokens, Func<JsonElement, ModelUsage?> usageOf)
    {
        var usage = default(ModelUsage);
        try
        {
            var outcome = await SendAsync(path, body, ct);
            // An answer costs, also one that does not say how much.
            if (outcome.Call is ModelCall.Answered answered)
                usage = usageOf(answered.Json) ?? new ModelUsage(estimatedTokens, 0);
            return outcome;
        }
        finally
        {
            await spent(usage);
        }
    }

    private async Task<Outcome> SendAsync(string path, byte[] body, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(settings.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            using var request = Request(path, body);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (!response.IsSuccessStatusCode)
                return Judge(response, await ReadAsync(response, MostErrorBytes, either.Token));
            if (await ReadAsync(response, settings.MaxAnswerBytes, either.Token) is not { } bytes)
                return new Outcome(new ModelCall.Failed($"The answer has more than {settings.MaxAnswerBytes} bytes."));
            return Parse(bytes) is { } json
                ? new Outcome(new ModelCall.Answered(json))
                : new Outcome(new ModelCall.Failed("The answer is no JSON object."), MayRetry: true);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new Outcome(new ModelCall.Failed($"No answer within {settings.Timeout.TotalSeconds:0.#} s."), MayRetry: true);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or SocketException)
        {
            return new Outcome(new ModelCall.Failed(Describe(error)), MayRetry: true);
        }
    }

    private HttpRequestMessage Request(string path, byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        var request = new HttpRequestMessage(HttpMethod.Post, settings.Endpoint.AbsoluteUri.TrimEnd('/') + path) { Content = content };
        request.Headers.TryAddWithoutValidation("User-Agent", "Commune/1");
        if (settings is { ApiKey: { Length: > 0 } key })
        {
            var (name, value) = settings.Provider == ModelProvider.Azure ? ("api-key", key) : ("Authorization", "Bearer " + key);
            request.Headers.TryAddWithoutValidation(name, value);
        }
        return request;
    }

    private Outcome Judge(HttpResponseMessage response, byte[]? body)
    {
        var status = (int)response.StatusCode;
        var error = body is null ? null : Parse(body) is { } json ? ErrorCode(json) : null;
        var reason = $"The model's endpoint answered with {status}{(error is null ? "" : $" ({error})")}.";
        // A quota that is used up is a 429 too, and does not come back by waiting.
        if (error is "insufficient_quota")
            return new Outcome(new ModelCall.Refused(reason));
        return response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout || status >= 500
            ? new Outcome(new ModelCall.Failed(reason), MayRetry: true, RetryAfter(response.Headers))
            : new Outcome(new ModelCall.Refused(reason));
    }

    /// <summary>The machine-readable code of an error: a word, since the message may repeat the question or part of the key.</summary>
    private static string? ErrorCode(JsonElement json)
    {
        var error = json.Member("error");
        var code = error?.Member("code")?.Text() ?? error?.Member("type")?.Text();
        return code is { Length: > 0 and <= LongestCode } && code.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.') ? code : null;
    }

    // RFC 9110 §10.2.3, and what OpenAI says where that is too coarse.
    private TimeSpan? RetryAfter(HttpResponseHeaders headers)
    {
        if (headers.TryGetValues("retry-after-ms", out var values) && double.TryParse(values.First(), CultureInfo.InvariantCulture, out var milliseconds)
            && milliseconds is >= 0 and < 1e9)
            return TimeSpan.FromMilliseconds(milliseconds);
        return headers.RetryAfter?.Delta ?? (headers.RetryAfter?.Date is { } date && date > time.GetUtcNow() ? date - time.GetUtcNow() : null);
    }

    private TimeSpan PauseAfter(int attempt, TimeSpan? asked)
    {
        var own = settings.FirstPause * Math.Pow(2, attempt - 1);
        if (own > settings.LongestPause)
            own = settings.LongestPause;
        return asked is { } least && least > own ? least : own;
    }

    /// <summary>Null when there is more than the limit.</summary>
    private static async Task<byte[]?> ReadAsync(HttpResponseMessage response, int most, CancellationToken ct)
    {
        if (response.Content.Headers.ContentLength > most)
            return null;
        var whole = new MemoryStream();
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            var stream = await response.Content.ReadAsStreamAsync(ct);
            for (int count; (count = await stream.ReadAsync(buffer, ct)) > 0;)
            {
                if (whole.Length + count > most)
                    return null;
                await whole.WriteAsync(buffer.AsMemory(0, count), ct);
            }
            return whole.ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static JsonElement? Parse(byte[] bytes)
    {
        try
        {
            var json = JsonElement.Parse(bytes);
            return json.ValueKind == JsonValueKind.Object ? json : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Describe(Exception error) => error switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "TLS with the model's endpoint failed.",
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "The model's endpoint has no address.",
        _ when error.GetBaseException() is SocketException socket => $"The connection to the model's endpoint failed: {socket.SocketErrorCode}.",
        _ => "The connection to the model's endpoint ended early.",
    };
}
