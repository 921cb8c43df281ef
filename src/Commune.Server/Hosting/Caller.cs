using Commune.Storage;

namespace Commune.Server.Hosting;

/// <summary>Who makes the request: an organisation, through one of its keys or agents.</summary>
public sealed record Caller
{
    private static readonly IReadOnlyList<string> Everything = [Scopes.Admin];

    public Caller(Organisation organisation, ApiKey key) => (Organisation, Key, ActorId, Permissions) = (organisation, key, key.Id, key.Permissions);

    /// <summary>An agent owns its organisation: it passes every scope check (contract section 2.2).</summary>
    public Caller(Organisation organisation, Agent agent) => (Organisation, ActorId, Permissions) = (organisation, agent.Id, Everything);

    public Organisation Organisation { get; }

    public string OrgId => Organisation.Id;

    /// <summary>Null for an agent.</summary>
    public ApiKey? Key { get; }

    /// <summary>The id of the key or agent.</summary>
    public string ActorId { get; }

    public IReadOnlyList<string> Permissions { get; }

    /// <summary>When the credential stops working, Unix ms; null when it does not by itself.</summary>
    public long? ExpiresAt => Key?.ExpiresAt;

    /// <summary>The secret was rotated away and lives through its grace period: good for the work it did, not for managing keys.</summary>
    public bool HasOldSecret => Key?.SecretExpiresAt is not null;

    /// <summary>403 unless the caller holds every scope that the permissions grant: nobody hands out, renews or takes away more power than he has.</summary>
    public void MustCover(IReadOnlyList<string> permissions)
    {
        if (HasOldSecret)
            throw ApiException.Forbidden("This secret was rotated away; manage keys with the new one", "secret_rotated");
        if (Scopes.Missing(Permissions, permissions) is { Count: > 0 } missing)
        {
            throw new ApiException(StatusCodes.Status403Forbidden, new ErrorBody(
                $"This API key lacks the scope {missing[0]}, so it cannot grant, rotate or revoke it", "insufficient_permissions", Required: missing));
        }
    }
}
