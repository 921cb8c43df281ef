using Commune.Server.Api.Description;
using Commune.Server.Hosting;

namespace Commune.Server.Api.Agents;

/// <summary>Registration of agents (contract section 16.3), and the agents of an organisation.</summary>
public static class AgentEndpoints
{
    public static void MapAgents(this IEndpointRouteBuilder v1)
    {
        v1.MapPost("/auth/agent-register", RegisterAgent.HandleAsync)
            .Is(Call.Named("agents.register").Takes<RegistrationRequest>().Gives<Either<RegisterAgent.StringChallenge, RegisterAgent.ObjectChallenge>>(StatusCodes.Status201Created)
            .Fails(403, "The server takes no registrations, or none without an invite").Fails(409, "The slug or its address is taken").Fails(429, "Too many registrations from this address"));
        v1.MapPost("/auth/agent-verify", VerifyAgent.HandleAsync)
            .Is(Call.Named("agents.verify").Takes<VerificationRequest>().Gives<VerifyAgent.Verified>()
            .Fails(401, "The token is unknown, used or too old, or the signature does not verify").Fails(403, "The invite is unknown, used or expired").Fails(429, "Too many attempts from this address"));
        v1.MapGet("/agent/agents", ListAgents.HandleAsync).Needs(Scopes.Any)
            .Is(Call.Named("agents.list").Gives<ListEnvelope<ListAgents.AgentResponse>>().Paged(100, 1000));
        v1.MapDelete("/agent/agents/{agentId}", RevokeAgent.HandleAsync).Needs(Scopes.Admin)
            .Is(Call.Named("agents.revoke").Gives<Envelope<RevokeAgent.Revoked>>());
    }
}
