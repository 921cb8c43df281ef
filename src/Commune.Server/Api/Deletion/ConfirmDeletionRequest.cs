using Commune.Server.Deletion;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Deletion;

/// <summary>Confirms a deletion with its token and executes it; what takes long goes on after the answer.</summary>
internal static class ConfirmDeletionRequest
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, ExecuteDeletion execute, TimeProvider time, string requestId)
    {
        var token = (await RequestBody.ReadAsync(http)).RequiredText("confirmation_token");
        var orgId = Authentication.CallerOf(http).OrgId;
        var now = time.GetUtcNow();
        var confirmed = await store.Deletions.ConfirmAsync(
            orgId, requestId, CreateDeletionRequest.HashOf(token), now.ToUnixTimeMilliseconds(), (now + ExecuteDeletion.JobTakesOverAfter).ToUnixTimeMilliseconds(),
            http.RequestAborted, AuditTrail.Entry(http, "data.deletion_confirm", requestId));
        switch (confirmed)
        {
            case DeletionConfirmation.NotFound:
                throw ApiException.NotFound("Deletion request");
            case DeletionConfirmation.WrongToken:
                throw ApiException.Forbidden("confirmation_token is not the one of this request", "invalid_confirmation_token");
            case DeletionConfirmation.Expired:
                throw new ApiException(StatusCodes.Status410Gone, new ErrorBody("The confirmation token has expired; make a new deletion request", "confirmation_expired"));
            case DeletionConfirmation.NotPending:
                throw ApiException.BadRequest("The deletion request is not pending: it was confirmed, replaced or has expired", "not_pending");
        }
        await execute.BeginAsync(orgId, requestId, http.RequestAborted);
        var request = await store.Deletions.GetAsync(orgId, requestId, http.RequestAborted) ?? throw ApiException.NotFound("Deletion request");
        return ApiJson.Ok(TopLevelCopy.Of(DeletionResponse.From(request)));
    }
}
