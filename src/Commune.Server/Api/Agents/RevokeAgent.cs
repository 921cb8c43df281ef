using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Agents;

/// <summary>Revokes an agent: its signatures are refused from the next request on.</summary>
internal static class RevokeAgent
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, string agentId)
    {
        if (!await store.Agents.RevokeAsync(Authentication.CallerOf(http).OrgId, agentId, http.RequestAborted, AuditTrail.Entry(http, "agent.revoke", agentId)))
            throw ApiException.NotFound("Agent");
        return ApiJson.Ok(new Envelope<Revoked>(new Revoked(true, agentId)));
    }

    internal sealed record Revoked(bool Ok, string Id);
}
