using System.Text.Json.Nodes;
using Commune.Server.Api.Inboxes;
using Commune.Server.Extraction;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Messages;

/// <summary>Reads a received message by its inbox's schema once more; with <c>dry_run</c> nothing is kept, and another schema may be given.</summary>
internal static class ExtractAgain
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, ReadBySchema read, TimeProvider time, string messageId)
    {
        var body = await RequestBody.ReadAsync(http);
        var dryRun = body.Flag("dry_run") ?? false;
        var given = InboxSettings.SchemaOf(body);
        if (given is not null && !dryRun)
            throw ApiException.Invalid("schema", "schema is for a dry run: say \"dry_run\": true, or set it on the inbox");

        var orgId = Authentication.CallerOf(http).OrgId;
        var message = await store.Messages.GetAsync(orgId, messageId, http.RequestAborted) ?? throw ApiException.NotFound("Message");
        // The answer shows what the message says, and a key that may only write must not read it this way.
        Authentication.Require(http, Scopes.MessagesRead);
        if (message.Direction != "inbound")
            throw ApiException.Conflict("The message was sent from here; data is read out of received messages", "not_inbound");
        var inbox = given is null ? await store.Inboxes.GetAsync(orgId, message.InboxId, http.RequestAborted) : null;
        var schema = given ?? (inbox is null ? null : InboxSchema.Of(inbox))
            ?? throw ApiException.Conflict("The message's inbox has no extraction schema: set one with PUT …/extraction-schema first", "no_schema");

        var outcome = await read.AnswerAsync(orgId, schema, MessageText.Of(message), http.RequestAborted);
        if (!dryRun && !await store.Extractions.RecordAsync(outcome.For(message), time.GetUtcNow().ToUnixTimeMilliseconds(), http.RequestAborted))
            throw ApiException.NotFound("Message");
        return ApiJson.Ok(new Envelope<ExtractionResponse>(new ExtractionResponse(message.Id, outcome.Data, outcome.Info, dryRun)));
    }
}

/// <summary>What an extraction gave.</summary>
/// <param name="MessageId">Null for text that is no message.</param>
/// <param name="DryRun">Nothing was kept.</param>
public sealed record ExtractionResponse(string? MessageId, JsonObject? ExtractedData, ExtractionInfo Extraction, bool DryRun);
