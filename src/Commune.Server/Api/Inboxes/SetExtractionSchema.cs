using System.Text.Json;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Inboxes;

/// <summary>Sets or removes the extraction schema of an inbox: inbound mail is read into its fields.</summary>
internal static class SetExtractionSchema
{
    private const string StandardName = "default";

    public static async Task<IResult> SetAsync(HttpContext http, IStore store, string inboxId, string? domainId = null) =>
        await WriteAsync(http, store, inboxId, domainId, InboxSettings.ExtractionObject(await RequestBody.ReadAsync(http)));

    /// <summary>The CLI's form: <c>{"schema": X}</c>, X being the whole extraction object or the JSON Schema alone (contract section 8).</summary>
    public static async Task<IResult> SetFromCliAsync(HttpContext http, IStore store, string inboxId, string? domainId = null)
    {
        var body = await RequestBody.ReadAsync(http);
        if (body.Member("schema") is not { ValueKind: JsonValueKind.Object } given)
            throw ApiException.Invalid("schema", "schema is required: a JSON Schema, or an object with name and schema");
        var whole = given.TryGetProperty("schema", out _)
            ? JsonSerializer.SerializeToUtf8Bytes(given)
            : JsonSerializer.SerializeToUtf8Bytes(new { name = body.Text("name") ?? StandardName, description = body.Text("description"), schema = given });
        return await WriteAsync(http, store, inboxId, domainId, InboxSettings.ExtractionObject(RequestBody.Parse(whole), StandardName));
    }

    public static Task<IResult> RemoveAsync(HttpContext http, IStore store, string inboxId, string? domainId = null) =>
        WriteAsync(http, store, inboxId, domainId, null);

    private static async Task<IResult> WriteAsync(HttpContext http, IStore store, string inboxId, string? domainId, string? schema)
    {
        var inbox = await InboxEndpoints.FindAsync(store, http, inboxId, domainId);
        return await InboxEndpoints.SaveAsync(store, http, inbox with { ExtractionSchema = schema });
    }
}
