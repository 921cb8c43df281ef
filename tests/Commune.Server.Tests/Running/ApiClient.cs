using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Commune.Server.Tests.Running;

/// <summary>One answer of the API, body read.</summary>
public sealed record ApiAnswer(int Status, byte[] Bytes, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders)
{
    public string Text => Encoding.UTF8.GetString(Bytes);

    public JsonObject Json => JsonNode.Parse(Bytes)!.AsObject();

    /// <summary>The member <c>data</c> of a single object.</summary>
    public JsonObject Data => Json["data"]!.AsObject();

    /// <summary>The member <c>data</c> of a list.</summary>
    public IReadOnlyList<JsonObject> List => [.. Json["data"]!.AsArray().Select(static n => n!.AsObject())];

    public string? NextCursor => (string?)Json["next_cursor"];

    public string Error => (string)Json["error"]!;

    public string? Header(string name) => Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;

    public ApiAnswer Expect(int status)
    {
        Assert.True(Status == status, $"expected {status}, got {Status}: {Text}");
        return this;
    }

    /// <summary>The status, and an error body of contract section 6: <c>error</c> is always a human-readable string.</summary>
    public ApiAnswer ExpectError(int status)
    {
        Expect(status);
        Assert.Equal("application/json", ContentHeaders.ContentType?.MediaType);
        Assert.Equal(JsonValueKind.String, Json["error"]!.GetValueKind());
        Assert.True(Error.Length > 0);
        return this;
    }
}

public sealed record InboxHandle(string Id, string Address, string DomainId)
{
    public string LocalPart => Address[..Address.IndexOf('@', StringComparison.Ordinal)];
}

/// <summary>Calls the API with one key; every answer is handed back whatever its status.</summary>
public sealed class ApiClient(Uri address, string? key)
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(100) };

    public Uri BaseAddress => address;

    public Task<ApiAnswer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<ApiAnswer> PostAsync(string path, object? body = null) => SendAsync(HttpMethod.Post, path, body);

    public Task<ApiAnswer> PutAsync(string path, object? body = null) => SendAsync(HttpMethod.Put, path, body);

    public Task<ApiAnswer> PatchAsync(string path, object? body = null) => SendAsync(HttpMethod.Patch, path, body);

    public Task<ApiAnswer> DeleteAsync(string path, object? body = null) => SendAsync(HttpMethod.Delete, path, body);

    /// <param name="body">
    /// A string is sent as it is, bytes are sent without a content type, anything else as JSON; null sends no body.
    /// Like the official clients, the content type is JSON otherwise.
    /// </param>
    public async Task<ApiAnswer> SendAsync(HttpMethod method, string path, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(address, path));
        if (key is not null)
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        request.Content = new ByteArrayContent(body switch
        {
            null => [],
            byte[] bytes => bytes,
            string raw => Encoding.UTF8.GetBytes(raw),
            _ => JsonSerializer.SerializeToUtf8Bytes(body),
        });
        if (body is not byte[])
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await Http.SendAsync(request);
        return new ApiAnswer((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(), response.Headers, response.Content.Headers);
    }

    /// <summary>A plain GET of any URL, without credentials.</summary>
    public static async Task<ApiAnswer> DownloadAsync(string url)
    {
        using var response = await Http.GetAsync(new Uri(url));
        return new ApiAnswer((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(), response.Headers, response.Content.Headers);
    }

    public async Task<InboxHandle> NewInboxAsync(string? localPart = null, string? name = null)
    {
        var answer = (await PostAsync("/v1/inboxes", new { local_part = localPart ?? NewLocalPart(), name })).Expect(201);
        return new InboxHandle((string)answer.Data["id"]!, (string)answer.Data["address"]!, (string)answer.Data["domain_id"]!);
    }

    public static string NewLocalPart() => "a" + Guid.NewGuid().ToString("N")[..12];

    /// <summary>Every thread of the inbox, newest first.</summary>
    public async Task<IReadOnlyList<JsonObject>> ThreadsAsync(InboxHandle inbox) => (await GetAsync($"/v1/threads?inbox_id={inbox.Id}&limit=100")).Expect(200).List;

    /// <summary>Every message of the inbox, oldest first.</summary>
    public async Task<IReadOnlyList<JsonObject>> MessagesAsync(InboxHandle inbox) =>
        (await GetAsync($"/v1/messages?inbox_id={inbox.Id}&limit=1000&order=asc")).Expect(200).List;

    public async Task<JsonObject> OnlyMessageAsync(InboxHandle inbox) => Assert.Single(await MessagesAsync(inbox));

    public async Task<byte[]> RawAsync(JsonObject message) => (await GetAsync($"/v1/messages/{message["message_id"]}/raw")).Expect(200).Bytes;

    /// <summary>Waits until the inbox has this many messages.</summary>
    public Task<IReadOnlyList<JsonObject>> WaitForMessagesAsync(InboxHandle inbox, int count) =>
        Eventually.GetAsync(() => MessagesAsync(inbox), messages => messages.Count >= count);

    /// <summary>Waits until the message has left the queue with this delivery status.</summary>
    public Task<JsonObject> WaitForStatusAsync(string messageId, string status) => Eventually.GetAsync(
        async () => (await GetAsync($"/v1/messages/{messageId}")).Expect(200).Data,
        message => (string?)message["metadata"]!["delivery_status"] == status);
}
