using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Commune.Storage;

namespace Commune.Server.Search;

/// <summary>Qdrant did not do what was asked; the message has neither its key nor what was asked.</summary>
internal sealed class QdrantException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// Qdrant's REST API, as far as we need it. A collection holds the vectors of one model and length, of all organisations; every point says whose it is, and
/// nothing is asked or deleted without naming an organisation.
/// </summary>
internal sealed class Qdrant : IDisposable
{
    private const int MostAnswerBytes = 8 * 1024 * 1024;

    /// <summary>A write waits until it is applied.</summary>
    private static readonly TimeSpan WriteLimit = TimeSpan.FromSeconds(30);

    /// <summary>So long it is not asked after it failed a query.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    private readonly QdrantOptions options;
    private readonly TimeProvider time;
    private readonly string root;
    private readonly HttpClient http;
    private long restsUntil;

    public Qdrant(QdrantOptions options, TimeProvider time)
    {
        (this.options, this.time) = (options, time);
        root = options.Url!.TrimEnd('/');
        http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(2), ActivityHeadersPropagator = null })
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MostAnswerBytes,
        };
    }

    /// <summary>Tells this engine from another one that was used before.</summary>
    public string Target => $"qdrant {new Uri(root).GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)} {options.CollectionPrefix}";

    public string CollectionOf(string model, int length)
    {
        var name = new string([.. model.Select(static c => char.IsAsciiLetterOrDigit(c) || c == '-' ? c : '_').Take(80)]);
        // Two models whose names differ in other signs alone.
        var mark = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(model)).AsSpan(0, 4));
        return $"{options.CollectionPrefix}_{name}_{length}_{mark}";
    }

    /// <returns>True when the collection was not there and was made.</returns>
    public async Task<bool> EnsureAsync(string collection, int length, CancellationToken cancellation)
    {
        using (var found = await SendAsync(HttpMethod.Get, $"/collections/{collection}", null, WriteLimit, cancellation, HttpStatusCode.NotFound))
        {
            if (found is not null)
                return false;
        }
        // Another node may have made it meanwhile: then the next attempt finds it.
        (await SendAsync(HttpMethod.Put, $"/collections/{collection}", new { vectors = new { size = length, distance = "Cosine" } }, WriteLimit, cancellation))?.Dispose();
        await IndexAsync(new { field_name = "org_id", field_schema = new { type = "keyword", is_tenant = true } });
        await IndexAsync(new { field_name = "inbox_id", field_schema = "keyword" });
        return true;

        async Task IndexAsync(object field) =>
            (await SendAsync(HttpMethod.Put, $"/collections/{collection}/index?wait=true", field, WriteLimit, cancellation))?.Dispose();
    }

    public async Task UpsertAsync(string collection, string orgId, IReadOnlyList<MirroredVector> vectors, CancellationToken cancellation)
    {
        var points = vectors.Select(vector => new
        {
            id = PointOf(orgId, vector.Document),
            vector = NumbersOf(MemoryMarshal.Cast<byte, sbyte>(vector.Vector)),
            payload = new { org_id = orgId, inbox_id = vector.InboxId, thread_id = vector.ThreadId, document = vector.Document },
        });
        (await SendAsync(HttpMethod.Put, $"/collections/{collection}/points?wait=true", new { points }, WriteLimit, cancellation))?.Dispose();
    }

    public async Task DeleteAsync(string collection, string orgId, IReadOnlyList<long> documents, CancellationToken cancellation)
    {
        var points = documents.Select(document => PointOf(orgId, document));
        (await SendAsync(HttpMethod.Post, $"/collections/{collection}/points/delete?wait=true", new { points }, WriteLimit, cancellation, HttpStatusCode.NotFound))?.Dispose();
    }

    /// <summary>Removes all that an organisation has in a collection.</summary>
    public async Task DeleteAllAsync(string collection, string orgId, CancellationToken cancellation) =>
        (await SendAsync(
            HttpMethod.Post, $"/collections/{collection}/points/delete?wait=true", new { filter = new { must = new[] { Is("org_id", orgId) } } }, WriteLimit, cancellation,
            HttpStatusCode.NotFound))?.Dispose();

    /// <summary>The documents of an organisation that are nearest to a query, of some inboxes or of all, with their cosine; null when the engine does not answer.</summary>
    /// <param name="upTo">Later documents are left out.</param>
    public async Task<Dictionary<uint, float>?> NearestAsync(
        string collection, string orgId, sbyte[] query, IReadOnlyCollection<string>? inboxIds, long upTo, int limit, CancellationToken cancellation)
    {
        if (time.GetUtcNow().ToUnixTimeMilliseconds() < Volatile.Read(ref restsUntil))
            return null;
        var must = new List<object> { Is("org_id", orgId), new { key = "document", range = new { lte = upTo } } };
        if (inboxIds is not null)
            must.Add(new { key = "inbox_id", match = new { any = inboxIds } });
        try
        {
            using var answer = await SendAsync(
                HttpMethod.Post, $"/collections/{collection}/points/query",
                new { query = NumbersOf(query), filter = new { must }, limit, with_payload = new[] { "org_id", "document" } }, options.TimeLimit, cancellation);
            return Read(answer!.RootElement, orgId);
        }
        catch (QdrantException)
        {
            Volatile.Write(ref restsUntil, (time.GetUtcNow() + Rest).ToUnixTimeMilliseconds());
            return null;
        }
    }

    public void Dispose() => http.Dispose();

    private static Dictionary<uint, float> Read(JsonElement answer, string orgId)
    {
        try
        {
            var found = new Dictionary<uint, float>();
            foreach (var point in answer.GetProperty("result").GetProperty("points").EnumerateArray())
            {
                var payload = point.GetProperty("payload");
                // The filter said so; what is another's must not depend on it alone.
                if (payload.GetProperty("org_id").GetString() == orgId)
                    found[payload.GetProperty("document").GetUInt32()] = point.GetProperty("score").GetSingle();
            }
            return found;
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new QdrantException("Qdrant's answer has another form than its API says.", error);
        }
    }

    /// <returns>Null for the status that is no error here.</returns>
    private async Task<JsonDocument?> SendAsync(
        HttpMethod method, string path, object? body, TimeSpan within, CancellationToken cancellation, HttpStatusCode? expected = null)
    {
        using var limit = new CancellationTokenSource(within, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            using var request = new HttpRequestMessage(method, root + path);
            if (options.ApiKey is { Length: > 0 } key)
                request.Headers.TryAddWithoutValidation("api-key", key);
            if (body is not null)
                request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            using var response = await http.SendAsync(request, either.Token);
            if (response.StatusCode == expected)
                return null;
            if (!response.IsSuccessStatusCode)
                throw new QdrantException($"Qdrant answered with {(int)response.StatusCode}.");
            return await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(either.Token), default, either.Token);
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new QdrantException($"Qdrant gave no answer within {within.TotalSeconds:0.#} s.", error);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or JsonException)
        {
            throw new QdrantException($"Qdrant cannot be reached: {error.GetType().Name}.", error);
        }
    }

    private static object Is(string key, string value) => new { key, match = new { value } };

    /// <summary>A cosine needs no scale.</summary>
    private static int[] NumbersOf(ReadOnlySpan<sbyte> vector)
    {
        var numbers = new int[vector.Length];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = vector[i];
        return numbers;
    }

    /// <summary>The same for the same document, so that a repeated upsert changes nothing.</summary>
    private static Guid PointOf(string orgId, long document)
    {
        var named = new byte[Encoding.UTF8.GetByteCount(orgId) + sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(named, document);
        Encoding.UTF8.GetBytes(orgId, named.AsSpan(sizeof(long)));
        return new Guid(SHA256.HashData(named).AsSpan(0, 16));
    }
}
