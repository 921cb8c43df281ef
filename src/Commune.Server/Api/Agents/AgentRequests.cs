using System.Text.Json.Serialization;
using Commune.Server.Api.Description;

namespace Commune.Server.Api.Agents;

/// <param name="OrgSlug">Becomes the local part of the agent's inbox at the shared domain.</param>
/// <param name="PublicKey">The standard base64 of the 32 raw bytes of an Ed25519 public key.</param>
/// <param name="AgentPurpose">What the agent is for, in at least three words and 20 characters; then the challenge is an object.</param>
/// <param name="Invite">A code of the operator, on a server that registers by invitation.</param>
[Example("""
    { "agentName": "My Agent", "orgName": "My Org", "orgSlug": "myorg", "publicKey": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=" }
    """)]
internal sealed record RegistrationRequest(
    [property: JsonPropertyName("agentName")] string AgentName, [property: JsonPropertyName("orgName")] string OrgName,
    [property: JsonPropertyName("orgSlug")] string OrgSlug, [property: JsonPropertyName("publicKey")] string PublicKey,
    [property: JsonPropertyName("agentPurpose")] string? AgentPurpose, [property: JsonPropertyName("avatarUrl")] AnyJson? AvatarUrl,
    [property: JsonPropertyName("websiteUrl")] AnyJson? WebsiteUrl, [property: JsonPropertyName("moltbookHandle")] AnyJson? MoltbookHandle,
    AnyJson? Capabilities, string? Invite);

/// <param name="Signature">The base64 of the 64 bytes of an Ed25519 signature: of the challenge, or of `challengeResponse` when the challenge was an object.</param>
/// <param name="ChallengeResponse">The answer to a challenge that is an object.</param>
[Example("""
    { "agentSignupToken": "agt_signup_000000000000000000000000000000000000000000000000",
      "signature": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==" }
    """)]
internal sealed record VerificationRequest(
    [property: JsonPropertyName("agentSignupToken")] string AgentSignupToken, string Signature,
    [property: JsonPropertyName("challengeResponse")] string? ChallengeResponse);
