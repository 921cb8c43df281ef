using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Sending;

/// <summary>
/// Lifts a pause: the operator's own, or with <c>org_id</c> another organisation's. What came back so far is forgiven; what comes back from now on counts.
/// An organisation cannot lift its own, or a pause would hold nobody.
/// </summary>
internal static class LiftSendingPause
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, TimeProvider time)
    {
        var caller = Authentication.CallerOf(http).OrgId;
        if ((await store.Domains.GetSharedAsync(http.RequestAborted)).OrgId != caller)
            throw ApiException.Forbidden("Only the operator of this server lifts a pause of sending; it ends by itself as GET /v1/agent/sending-pause tells", "operator_only");
        var orgId = http.Request.Query.Text("org_id") ?? caller;
        if (await store.Organisations.GetAsync(orgId, http.RequestAborted) is null)
            throw ApiException.NotFound("Organisation");
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await store.Pauses.ResumeAsync(orgId, now + 1, now, http.RequestAborted);
        return ApiJson.Ok(new Envelope<SendingPauseResponse>(SendingPauseResponse.From(orgId, null)));
    }
}
