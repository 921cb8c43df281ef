using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Commune.Peers;

/// <summary>What was asked of a <see cref="FakeQdrant"/>.</summary>
public sealed record FakeQdrantRequest(string Method, string Path, string? ApiKey, JsonNode? Body);

/// <summary>
/// Collections of points behind Qdrant's REST API on a loopback port: collections, points with payload, deletion by id and by filter, and nearest
/// neighbours by cosine with <c>match</c> and <c>range</c> conditions.
/// </summary>
public sealed class FakeQdrant : IAsyncDisposable
{
    private sealed record Point(float[] Vector, JsonObject Payload);

    private readonly HttpListener listener = new();
    private readonly ConcurrentQueue<FakeQdrantRequest> requests = [];
    private readonly Lock gate = new();
    private readonly Dictionary<string, (int Size, Dictionary<string, Point> Points)> collections = new(StringComparer.Ordinal);
    private readonly Task loop;

    public FakeQdrant()
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Url = new Uri($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}");
        }
        listener.Prefixes.Add(Url.ToString());
        listener.Start();
        loop = ServeAsync();
    }

    public Uri Url { get; }

    /// <summary>Asked for when set.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Everything is answered with 503.</summary>
    public bool IsDown { get; set; }

    public IReadOnlyList<FakeQdrantRequest> Requests => [.. requests];

    /// <summary>The payloads of all points, by collection.</summary>
    public IReadOnlyList<(string Collection, JsonObject Payload)> Points
    {
        get
        {
            lock (gate)
                return [.. collections.SelectMany(static collection => collection.Value.Points.Values.Select(point => (collection.Key, point.Payload)))];
        }
    }

    public async ValueTask DisposeAsync()
    {
        listener.Close();
        await loop;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
                await AnswerAsync(await listener.GetContextAsync());
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
        {
            // The port was closed.
        }
    }

    private async Task AnswerAsync(HttpListenerContext http)
    {
        JsonNode? body = null;
        if (http.Request.HasEntityBody)
            body = await JsonNode.ParseAsync(http.Request.InputStream);
        var request = new FakeQdrantRequest(http.Request.HttpMethod, http.Request.Url!.PathAndQuery, http.Request.Headers["api-key"], body);
        requests.Enqueue(request);
        (int Status, object Body) answer;
        lock (gate)
        {
            answer = IsDown ? Error(503, "Service Unavailable")
                : ApiKey is not null && request.ApiKey != ApiKey ? Error(401, "Must provide an API key or an Authorization bearer token")
                : Answer(request, http.Request.Url.AbsolutePath.Trim('/').Split('/'));
        }
        http.Response.StatusCode = answer.Status;
        http.Response.ContentType = "application/json";
        await http.Response.OutputStream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(answer.Body));
        http.Response.Close();
    }

    private (int Status, object Body) Answer(FakeQdrantRequest request, string[] path)
    {
        var name = path[1];
        if (path.Length == 2 && request.Method == "PUT")
        {
            return collections.TryAdd(name, ((int)request.Body!["vectors"]!["size"]!, new Dictionary<string, Point>(StringComparer.Ordinal)))
                ? Ok(true) : Error(409, $"Wrong input: Collection `{name}` already exists!");
        }
        if (!collections.TryGetValue(name, out var collection))
            return Error(404, $"Not found: Collection `{name}` doesn't exist!");
        return (request.Method, string.Join('/', path.Skip(2))) switch
        {
            ("GET", "") => Ok(new { status = "green", config = new { @params = new { vectors = new { size = collection.Size, distance = "Cosine" } } } }),
            ("PUT", "index") => Completed(),
            ("PUT", "points") => Upsert(collection.Size, collection.Points, request.Body!["points"]!.AsArray()),
            ("POST", "points/delete") => Delete(collection.Points, request.Body!),
            ("POST", "points/query") => Query(collection.Size, collection.Points, request.Body!),
            _ => Error(404, "Not found"),
        };
    }

    private static (int Status, object Body) Upsert(int size, Dictionary<string, Point> stored, JsonArray points)
    {
        var read = new List<(string Id, Point Point)>();
        foreach (var point in points)
        {
            var id = point!["id"]!.ToJsonString().Trim('"');
            if (!Guid.TryParse(id, out _) && !ulong.TryParse(id, out _))
                return Error(400, $"Format error in JSON body: value {id} is not a valid point ID, valid values are either an unsigned integer or a UUID");
            var vector = NumbersOf(point["vector"]!);
            if (vector.Length != size)
                return Error(400, $"Wrong input: Vector dimension error: expected dim: {size}, got {vector.Length}");
            read.Add((id, new Point(vector, point["payload"]?.DeepClone().AsObject() ?? [])));
        }
        foreach (var (id, point) in read)
            stored[id] = point;
        return Completed();
    }

    private static (int Status, object Body) Delete(Dictionary<string, Point> stored, JsonNode body)
    {
        if (body["points"] is JsonArray ids)
        {
            foreach (var id in ids)
                stored.Remove(id!.ToJsonString().Trim('"'));
            return Completed();
        }
        if (body["filter"] is not { } filter)
            return Error(400, "Format error in JSON body: data did not match any variant of untagged enum PointsSelector");
        foreach (var id in stored.Where(point => Matches(filter, point.Value.Payload)).Select(static point => point.Key).ToList())
            stored.Remove(id);
        return Completed();
    }

    private static (int Status, object Body) Query(int size, Dictionary<string, Point> stored, JsonNode body)
    {
        var query = NumbersOf(body["query"]!);
        if (query.Length != size)
            return Error(400, $"Wrong input: Vector dimension error: expected dim: {size}, got {query.Length}");
        var shown = body["with_payload"] is JsonArray names ? names.Select(static name => (string)name!).ToArray() : [];
        var points = stored.Where(point => body["filter"] is not { } filter || Matches(filter, point.Value.Payload))
            .Select(point => (point.Key, point.Value.Payload, Score: Cosine(query, point.Value.Vector)))
            .OrderByDescending(static point => point.Score).Take((int?)body["limit"] ?? 10)
            .Select(point => new { id = point.Key, version = 1, score = point.Score, payload = point.Payload.Where(member => shown.Contains(member.Key, StringComparer.Ordinal)).ToDictionary(StringComparer.Ordinal) });
        return Ok(new { points = points.ToArray() });
    }

    private static bool Matches(JsonNode filter, JsonObject payload) => filter["must"]!.AsArray().All(condition =>
    {
        if (payload[(string)condition!["key"]!] is not { } value)
            return false;
        if (condition["range"] is { } range)
            return range["lte"] is not { } most || (double)value <= (double)most;
        var match = condition["match"]!;
        return match["any"] is JsonArray any ? any.Any(one => JsonNode.DeepEquals(one, value)) : JsonNode.DeepEquals(match["value"], value);
    });

    private static float[] NumbersOf(JsonNode vector) => [.. vector.AsArray().Select(static number => (float)number!)];

    private static float Cosine(float[] one, float[] other) =>
        one.Zip(other).Sum(static pair => pair.First * pair.Second) / MathF.Sqrt(one.Sum(static x => x * x) * other.Sum(static x => x * x));

    private static (int Status, object Body) Ok(object result) => (200, new { result, status = "ok", time = 0.001 });

    private static (int Status, object Body) Completed() => Ok(new { operation_id = 1, status = "completed" });

    private static (int Status, object Body) Error(int status, string text) => (status, new { status = new { error = text }, time = 0.0 });
}
