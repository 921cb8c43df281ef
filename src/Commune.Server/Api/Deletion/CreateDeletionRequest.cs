using System.Security.Cryptography;
using System.Text;
using Commune.Server.Hosting;
using Commune.Storage;
using Microsoft.Extensions.Options;

namespace Commune.Server.Api.Deletion;

/// <summary>Counts what a deletion would take and gives a token that confirms it; nothing is deleted yet.</summary>
internal static class CreateDeletionRequest
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, IOptions<CommuneOptions> options, TimeProvider time)
    {
        var target = Target(await RequestBody.ReadAsync(http), Authentication.CallerOf(http).OrgId);
        var now = time.GetUtcNow();
        var (id, requestedAt) = (EntityId.New("req_"), now.ToUnixTimeMilliseconds());
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var created = await store.Deletions.CreateAsync(
            target, id, HashOf(token), RequestHash(target, id, requestedAt), requestedAt, (now + options.Value.DeletionConfirmWithin).ToUnixTimeMilliseconds(),
            http.RequestAborted, AuditTrail.Entry(http, "data.deletion_request", id));
        switch (created)
        {
            case DeletionCreation.UnknownInbox:
                throw ApiException.NotFound("Inbox");
            case DeletionCreation.OrganizationExecuting:
                throw ApiException.Conflict("The organization is being deleted already", "deletion_in_progress");
        }
        var request = await store.Deletions.GetAsync(target.OrgId, id, http.RequestAborted) ?? throw ApiException.NotFound("Deletion request");
        return ApiJson.Created(TopLevelCopy.Of(DeletionResponse.From(request) with { ConfirmationToken = token, Warning = Warning(target) }));
    }

    internal static byte[] HashOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private static DeletionTarget Target(RequestBody body, string orgId)
    {
        var inboxId = body.Text("inbox_id");
        // The CLI names an inbox and no scope (contract section 16.4).
        var scope = body.Text("scope") ?? (inboxId is not null ? DeletionScope.Inbox : throw ApiException.Invalid("scope", "scope is required: organization, inbox or messages"));
        if (scope is not (DeletionScope.Organization or DeletionScope.Inbox or DeletionScope.Messages))
            throw ApiException.Invalid("scope", "scope must be organization, inbox or messages");
        if (scope == DeletionScope.Inbox && inboxId is null)
            throw ApiException.Invalid("inbox_id", "inbox_id is required for the scope inbox");
        long? before = null;
        if (body.Text("before") is { } text)
        {
            before = RequestQuery.TryParseTime(text, out var at) ? at
                : throw ApiException.Invalid("before", "before must be an ISO 8601 time with a zone, such as 2026-01-31T12:00:00Z");
        }
        // A filter that the scope does not have would be thought to hold, and far more be deleted than was meant.
        if (scope == DeletionScope.Organization && inboxId is not null)
            throw ApiException.Invalid("inbox_id", "inbox_id cannot be used with the scope organization");
        if (scope != DeletionScope.Messages && before is not null)
            throw ApiException.Invalid("before", "before can be used with the scope messages only");
        return new DeletionTarget(orgId, scope, inboxId, before);
    }

    private static byte[] RequestHash(DeletionTarget target, string id, long requestedAt) => SHA256.HashData(Encoding.UTF8.GetBytes(
        $"{id}\n{target.OrgId}\n{target.Scope}\n{target.InboxId}\n{ApiJson.Time(target.Before)}\n{ApiJson.Time(requestedAt)}"));

    private static string Warning(DeletionTarget target) => target.Scope switch
    {
        DeletionScope.Organization => "This permanently deletes everything the organization has, its API keys included. It cannot be undone.",
        DeletionScope.Inbox => "This permanently deletes the inbox, its messages and their attachments. It cannot be undone.",
        _ => "This permanently deletes the matching messages and their attachments. It cannot be undone.",
    };
}
