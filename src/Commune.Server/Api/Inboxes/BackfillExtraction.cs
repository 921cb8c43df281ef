using Commune.Server.Extraction;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Inboxes;

/// <summary>Has the older mail of an inbox read by its schema, and tells how far that is.</summary>
internal static class BackfillExtraction
{
    /// <summary>Begins, or answers with the one under way; one that stopped goes on where it was.</summary>
    public static async Task<IResult> StartAsync(HttpContext http, IStore store, ExtractionOptions options, TimeProvider time, string inboxId, string? domainId = null)
    {
        var inbox = await InboxEndpoints.FindAsync(store, http, inboxId, domainId);
        if (!inbox.Extracts)
            throw ApiException.Conflict("The inbox has no enabled extraction schema: set one first", "no_schema");
        if (options.Provider == ExtractionOptions.None)
            throw ApiException.Conflict("Extraction is switched off on this server", "extraction_disabled");
        var backfill = await store.Extractions.StartBackfillAsync(
            inbox.OrgId, inbox.Id, inbox.SchemaVersion, time.GetUtcNow().ToUnixTimeMilliseconds(), http.RequestAborted);
        return Results.Json(new Envelope<BackfillResponse>(BackfillResponse.From(backfill)), ApiJson.Options, statusCode: StatusCodes.Status202Accepted);
    }

    public static async Task<IResult> GetAsync(HttpContext http, IStore store, string inboxId, string? domainId = null)
    {
        var inbox = await InboxEndpoints.FindAsync(store, http, inboxId, domainId);
        var backfill = await store.Extractions.FindBackfillAsync(inbox.OrgId, inbox.Id, http.RequestAborted) ?? throw ApiException.NotFound("Backfill");
        return ApiJson.Ok(new Envelope<BackfillResponse>(BackfillResponse.From(backfill)));
    }
}

/// <param name="Status"><c>running</c>, <c>completed</c> or <c>stopped</c>.</param>
/// <param name="Total">Received messages of before it began.</param>
/// <param name="Failed">Of those that are done: no data could be read, as the messages tell.</param>
public sealed record BackfillResponse(
    string InboxId, string Status, int SchemaVersion, long Total, long Done, long Failed, string StartedAt, string? EndedAt, string? Error)
{
    public static BackfillResponse From(ExtractionBackfill backfill) => new(
        backfill.InboxId, backfill.Status, backfill.SchemaVersion, backfill.Total, backfill.Done, backfill.Failed, ApiJson.Time(backfill.StartedAt),
        ApiJson.Time(backfill.EndedAt), backfill.Error);
}
