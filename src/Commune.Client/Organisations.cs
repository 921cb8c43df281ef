using System.Text.Json;
using System.Text.Json.Serialization;

namespace Commune.Client;

/// <summary>Your own organisation.</summary>
public sealed class OrganisationCalls
{
    private readonly Transport transport;

    internal OrganisationCalls(Transport transport) => this.transport = transport;

    public Task<Organisation> GetAsync(CancellationToken cancellation = default) => transport.DataAsync<Organisation>(HttpMethod.Get, "/v1/agent/org", null, cancellation);

    public Task<Organisation> RenameAsync(string name, CancellationToken cancellation = default) =>
        transport.DataAsync<Organisation>(HttpMethod.Patch, "/v1/agent/org", new { name }, cancellation);

    /// <summary>Who changed what, the newest first.</summary>
    public IAsyncEnumerable<AuditEntry> AuditAsync(CancellationToken cancellation = default) => transport.PagesAsync<AuditEntry>("/v1/agent/audit", cancellation);

    public Task<Limits> LimitsAsync(CancellationToken cancellation = default) => transport.DataAsync<Limits>(HttpMethod.Get, "/v1/me/limits", null, cancellation);
}

public sealed record Organisation(
    string Id, string Name, string Slug, string Tier, string Status, [property: JsonPropertyName("createdAt")] DateTimeOffset CreatedAt);

public sealed record AuditEntry(string Id, string Actor, string Action, string Target, string? Address, DateTimeOffset CreatedAt);

/// <param name="Remaining">Null when nothing is limited.</param>
public sealed record Limits(string Tier, [property: JsonPropertyName("limits")] AllowedEmails Allowed, UsedEmails Usage, UsedEmails? Remaining);

/// <summary>Null is unlimited.</summary>
public sealed record AllowedEmails(int? EmailsPerHour, int? EmailsPerDay, int ApiKeys);

public sealed record UsedEmails(int EmailsPerHour, int EmailsPerDay);

public sealed class SendingCalls
{
    private readonly Transport transport;

    internal SendingCalls(Transport transport) => this.transport = transport;

    /// <summary>Whether sending is paused because too much came back.</summary>
    public Task<SendingPause> PauseAsync(CancellationToken cancellation = default) => transport.DataAsync<SendingPause>(HttpMethod.Get, "/v1/agent/sending-pause", null, cancellation);

    /// <summary>Lifts a pause; for the operator of the server.</summary>
    public Task<SendingPause> ResumeAsync(string? orgId = null, CancellationToken cancellation = default) =>
        transport.DataAsync<SendingPause>(HttpMethod.Delete, Transport.With("/v1/agent/sending-pause", ("org_id", orgId)), null, cancellation);
}

public sealed record SendingPause(string OrgId, bool Paused, DateTimeOffset? PausedAt, DateTimeOffset? PausedUntil);

public sealed class KeyCalls
{
    private readonly Transport transport;

    internal KeyCalls(Transport transport) => this.transport = transport;

    public IAsyncEnumerable<ApiKey> ListAsync(CancellationToken cancellation = default) => transport.PagesAsync<ApiKey>("/v1/agent/api-keys", cancellation);

    /// <returns>With the secret, which is shown this once.</returns>
    public Task<IssuedKey> CreateAsync(string name, IReadOnlyList<string>? permissions = null, TimeSpan? lifetime = null, CancellationToken cancellation = default) =>
        transport.DataAsync<IssuedKey>(HttpMethod.Post, "/v1/agent/api-keys", new { name, permissions, expiresIn = (long?)lifetime?.TotalSeconds }, cancellation);

    /// <param name="gracePeriod">How long the old secret goes on working; null ends it at once.</param>
    public Task<IssuedKey> RotateAsync(string keyId, TimeSpan? gracePeriod = null, CancellationToken cancellation = default) =>
        transport.DataAsync<IssuedKey>(HttpMethod.Post, Path(keyId) + "/rotate", new { gracePeriod = (long?)gracePeriod?.TotalSeconds }, cancellation);

    public Task RevokeAsync(string keyId, CancellationToken cancellation = default) => transport.DataAsync<Done>(HttpMethod.Delete, Path(keyId), null, cancellation);

    private static string Path(string keyId) => "/v1/agent/api-keys/" + Transport.Segment(keyId);
}

public record ApiKey(
    string Id, string Name, [property: JsonPropertyName("keyPrefix")] string KeyPrefix, IReadOnlyList<string> Permissions, string Status,
    [property: JsonPropertyName("expiresAt")] DateTimeOffset? ExpiresAt, [property: JsonPropertyName("lastUsedAt")] DateTimeOffset? LastUsedAt);

public sealed record IssuedKey(
    string Id, string Name, string KeyPrefix, IReadOnlyList<string> Permissions, string Status, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt,
    [property: JsonPropertyName("apiKey")] string Secret) : ApiKey(Id, Name, KeyPrefix, Permissions, Status, ExpiresAt, LastUsedAt);

/// <summary>Agents that sign their requests.</summary>
public sealed class AgentCalls
{
    private readonly Transport transport;

    internal AgentCalls(Transport transport) => this.transport = transport;

    /// <summary>First step of a registration; needs no credentials.</summary>
    /// <param name="publicKey">The 32 raw bytes of an Ed25519 public key.</param>
    public Task<AgentChallenge> RegisterAsync(string agentName, string orgName, string orgSlug, byte[] publicKey, string? invite = null, CancellationToken cancellation = default) =>
        transport.AnswerAsync<AgentChallenge>(
            HttpMethod.Post, "/v1/auth/agent-register", new { agentName, orgName, orgSlug, publicKey = Convert.ToBase64String(publicKey), invite }, cancellation);

    /// <summary>Second step: the signature of the challenge's UTF-8 bytes.</summary>
    public Task<RegisteredAgent> VerifyAsync(string signupToken, byte[] signature, CancellationToken cancellation = default) =>
        transport.AnswerAsync<RegisteredAgent>(
            HttpMethod.Post, "/v1/auth/agent-verify", new { agentSignupToken = signupToken, signature = Convert.ToBase64String(signature) }, cancellation);

    public IAsyncEnumerable<Agent> ListAsync(CancellationToken cancellation = default) => transport.PagesAsync<Agent>("/v1/agent/agents", cancellation);

    public Task RevokeAsync(string agentId, CancellationToken cancellation = default) =>
        transport.DataAsync<Done>(HttpMethod.Delete, "/v1/agent/agents/" + Transport.Segment(agentId), null, cancellation);
}

public sealed record AgentChallenge(
    [property: JsonPropertyName("agentSignupToken")] string SignupToken, string Challenge, [property: JsonPropertyName("expiresIn")] int ExpiresIn);

public sealed record RegisteredAgent(
    [property: JsonPropertyName("agentId")] string AgentId, [property: JsonPropertyName("orgId")] string OrgId, [property: JsonPropertyName("inboxEmail")] string InboxEmail);

public sealed record Agent(string Id, string Name, [property: JsonPropertyName("publicKey")] string PublicKey, string Status, JsonElement? Profile);

/// <summary>Deletion of data for good: a preview first, then a confirmation.</summary>
public sealed class DeletionCalls
{
    private readonly Transport transport;

    internal DeletionCalls(Transport transport) => this.transport = transport;

    /// <param name="scope"><c>organization</c>, <c>inbox</c> or <c>messages</c>.</param>
    public Task<Deletion> CreateAsync(string scope, string? inboxId = null, DateTimeOffset? before = null, CancellationToken cancellation = default) =>
        transport.DataAsync<Deletion>(HttpMethod.Post, "/v1/data/deletion-request", new { scope, inboxId, before }, cancellation);

    public Task<Deletion> ConfirmAsync(string requestId, string confirmationToken, CancellationToken cancellation = default) =>
        transport.DataAsync<Deletion>(HttpMethod.Post, Path(requestId) + "/confirm", new { confirmationToken }, cancellation);

    public Task<Deletion> GetAsync(string requestId, CancellationToken cancellation = default) => transport.DataAsync<Deletion>(HttpMethod.Get, Path(requestId), null, cancellation);

    private static string Path(string requestId) => "/v1/data/deletion-request/" + Transport.Segment(requestId);
}

/// <param name="ConfirmationToken">From the call that makes the request; null afterwards.</param>
public sealed record Deletion(
    string Id, string Scope, string? InboxId, DateTimeOffset? Before, string Status, IReadOnlyDictionary<string, long> Preview, string? ConfirmationToken, DateTimeOffset ConfirmBy,
    IReadOnlyDictionary<string, long>? DeletedCounts, DateTimeOffset? CompletedAt);

public sealed class FeedbackCalls
{
    private readonly Transport transport;

    internal FeedbackCalls(Transport transport) => this.transport = transport;

    /// <param name="type"><c>error</c>, <c>feature</c> or <c>signal</c>.</param>
    public Task<FeedbackReceipt> SendAsync(string type, string message, JsonElement? context = null, CancellationToken cancellation = default) =>
        transport.DataAsync<FeedbackReceipt>(HttpMethod.Post, "/v1/feedback", new { type, message, context }, cancellation);
}

public sealed record FeedbackReceipt(string Id, string Type, string Status, DateTimeOffset CreatedAt);
