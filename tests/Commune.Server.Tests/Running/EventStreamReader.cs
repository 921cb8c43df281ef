using System.Text;
using System.Text.Json.Nodes;

namespace Commune.Server.Tests.Running;

/// <param name="Name">The field <c>event</c>; null for a block that is no event.</param>
public sealed record ServerSentEvent(string? Id, string? Name, JsonObject? Data);

/// <summary>Reads an event stream as a browser does: it keeps the last id, and a block without data is no event.</summary>
public sealed class EventStreamReader : IAsyncDisposable
{
    private static readonly HttpClient Http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly HttpResponseMessage response;
    private readonly System.IO.StreamReader lines;

    private EventStreamReader(HttpResponseMessage response, System.IO.StreamReader lines) => (this.response, this.lines) = (response, lines);

    public string? LastId { get; private set; }

    /// <summary>Returns when the stream has begun: what is committed from now on comes.</summary>
    public static async Task<EventStreamReader> OpenAsync(Uri server, string key, string query = "", string? lastId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server, "/v1/events/stream" + query));
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key);
        if (lastId is not null)
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastId);
        var opened = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Limit);
        Assert.Equal(200, (int)opened.StatusCode);
        Assert.Equal("text/event-stream", opened.Content.Headers.ContentType?.MediaType);
        var reader = new EventStreamReader(opened, new System.IO.StreamReader(await opened.Content.ReadAsStreamAsync(), Encoding.UTF8));
        Assert.Null((await reader.BlockAsync())!.Name);
        return reader;
    }

    /// <summary>The next event; null when the stream has ended.</summary>
    public async Task<ServerSentEvent?> NextAsync()
    {
        while (await BlockAsync() is { } block)
        {
            if (block.Data is not null)
                return block;
        }
        return null;
    }

    public async Task<IReadOnlyList<ServerSentEvent>> TakeAsync(int count)
    {
        var events = new List<ServerSentEvent>();
        while (events.Count < count)
            events.Add(await NextAsync() ?? throw new InvalidOperationException($"The stream ended after {events.Count} events."));
        return events;
    }

    public ValueTask DisposeAsync()
    {
        lines.Dispose();
        response.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<ServerSentEvent?> BlockAsync()
    {
        string? id = null, name = null, data = null;
        while (await LineAsync() is { } line)
        {
            if (line.Length == 0)
            {
                LastId = id ?? LastId;
                return new ServerSentEvent(LastId, name, data is null ? null : JsonNode.Parse(data)!.AsObject());
            }
            if (line.StartsWith("id: ", StringComparison.Ordinal))
                id = line[4..];
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
                name = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
                data += line[6..];
        }
        return null;
    }

    /// <summary>Null at the end, also when the server was killed.</summary>
    private async Task<string?> LineAsync()
    {
        try
        {
            return await lines.ReadLineAsync().WaitAsync(Limit);
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            return null;
        }
    }
}
