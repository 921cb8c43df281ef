using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Commune.Mail.Cryptography;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Agents;

/// <summary>Second step of a registration: the signature makes organisation, inbox and agent, ready to send.</summary>
internal static class VerifyAgent
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, RegistrationPolicy policy, TimeProvider time)
    {
        var body = await RequestBody.ReadAsync(http);
        var required = RequiredMembers.Read(body, "agent_signup_token", "signature");
        var (token, signature) = (required[0], required[1]);
        var response = body.Text("challenge_response");
        await policy.CountVerificationAsync(http);

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var signup = await store.Registrations.FindAsync(RegisterAgent.HashOf(token), now, http.RequestAborted) ?? throw InvalidToken();
        if (!Ed25519.Verify(signup.PublicKey, Encoding.UTF8.GetBytes(WhatIsSigned(signup, response)), Signature(signature)))
        {
            throw new ApiException(StatusCodes.Status401Unauthorized, new ErrorBody(
                "The signature does not verify with the registered public key; the token can be tried again", "invalid_signature"));
        }

        var registered = await MakeAsync(http, store, signup, now);
        return await store.Registrations.CompleteAsync(signup, registered, now, http.RequestAborted) switch
        {
            SignupCompletion.Completed => ApiJson.Ok(new Verified(
                registered.Agent.Id, registered.Organisation.Id, registered.Inbox.Address,
                "Registered. Sign requests with \"Authorization: Agent <agentId>:<base64 signature>\", or make an API key at /v1/agent/api-keys.")),
            SignupCompletion.InviteUsed => throw RegistrationPolicy.InviteRefused(),
            _ => throw InvalidToken(),
        };
    }

    private static string WhatIsSigned(AgentSignup signup, string? response)
    {
        if (signup.WordCount is not { } words)
            return signup.Challenge;
        if (string.IsNullOrEmpty(response))
            throw RequiredMembers.Missing(["challengeResponse"]);
        return AgentChallenge.IsAnswer(response, words, signup.Challenge) ? response : throw ApiException.BadRequest(
            $"challengeResponse must have the form {AgentChallenge.Format} with the right count and the marker of the challenge", "invalid_challenge_response");
    }

    private static byte[] Signature(string base64)
    {
        var bytes = new byte[Ed25519.SignatureSize];
        return base64.Length == 88 && Convert.TryFromBase64String(base64, bytes, out var length) && length == bytes.Length ? bytes : [];
    }

    private static async Task<RegisteredAgent> MakeAsync(HttpContext http, IStore store, AgentSignup signup, long now)
    {
        // The domain that the signup holds its address on, whichever is the shared one by now.
        var shared = await store.Domains.GetSharedAsync(http.RequestAborted);
        var domain = shared.Id == signup.DomainId ? shared
            : await store.Domains.GetAsync(shared.OrgId, signup.DomainId, http.RequestAborted) ?? throw InvalidToken();
        var organisation = new Organisation(EntityId.New("org_"), signup.OrgName, signup.Slug, "free", "active", now, now);
        var agent = new Agent(
            organisation.Id, "agt_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), signup.AgentName, signup.PublicKey, "active",
            signup.Profile, now);
        var inbox = new Inbox(
            organisation.Id, EntityId.New("i_"), domain.Id, domain.Name, signup.Slug, signup.AgentName, null, null, "active", now);
        return new RegisteredAgent(organisation, inbox, agent, AuditTrail.Entry(http, organisation.Id, agent.Id, "agent.register", agent.Id));
    }

    private static ApiException InvalidToken() => new(StatusCodes.Status401Unauthorized, new ErrorBody(
        "agentSignupToken is unknown, used or older than 15 minutes; register again", "invalid_token"));

    internal sealed record Verified(
        [property: JsonPropertyName("agentId")] string AgentId, [property: JsonPropertyName("orgId")] string OrgId,
        [property: JsonPropertyName("inboxEmail")] string InboxEmail, string Message);
}
