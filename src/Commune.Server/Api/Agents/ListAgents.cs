using System.Text.Json;
using System.Text.Json.Serialization;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Agents;

/// <summary>Lists the organisation's agents, newest first, revoked ones too.</summary>
internal static class ListAgents
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store)
    {
        var page = await store.Agents.ListAsync(
            Authentication.CallerOf(http).OrgId, http.Request.Query.Limit(100, 1000), http.Request.Query.Cursor(), http.RequestAborted);
        return ApiJson.Ok(ListEnvelope<AgentResponse>.From(page.Select(AgentResponse.From)));
    }

    /// <param name="Profile">What the agent told of itself.</param>
    internal sealed record AgentResponse(
        string Id, string Name, [property: JsonPropertyName("publicKey")] string PublicKey, string Status, JsonElement? Profile,
        [property: JsonPropertyName("createdAt")] string CreatedAt)
    {
        public static AgentResponse From(Agent agent) => new(
            agent.Id, agent.Name, Convert.ToBase64String(agent.PublicKey), agent.Status,
            agent.Profile is { } profile ? JsonSerializer.Deserialize<JsonElement>(profile) : null, ApiJson.Time(agent.CreatedAt));
    }
}
