using Commune.Server.Hosting;

namespace Commune.Server.Api.Agents;

/// <summary>Registration of agents (contract section 16.3), and the agents of an organisation.</summary>
public static class AgentEndpoints
{
    public static void MapAgents(this IEndpointRouteBuilder v1)
    {
        v1.MapPost("/auth/agent-register", RegisterAgent.HandleAsync);
        v1.MapPost("/auth/agent-verify", VerifyAgent.HandleAsync);
        v1.MapGet("/agent/agents", ListAgents.HandleAsync).Needs(Scopes.Any);
        v1.MapDelete("/agent/agents/{agentId}", RevokeAgent.HandleAsync).Needs(Scopes.Admin);
    }
}
