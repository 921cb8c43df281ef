namespace Commune.Storage;

/// <summary>The MTA-STS policy of a recipient domain as it was fetched (RFC 8461).</summary>
/// <param name="PolicyId">The <c>id</c> of the TXT record that led to it.</param>
/// <param name="Policy">The policy file.</param>
/// <param name="ExpiresAt">Unix ms: when <c>max_age</c> has passed since it was last fetched.</param>
public sealed record CachedMtaStsPolicy(string Domain, string PolicyId, string Policy, long FetchedAt, long ExpiresAt);

/// <summary>Policies outlive the process and are shared by all nodes: who blocks our DNS today must not undo what was learned yesterday.</summary>
public interface IMtaStsStore
{
    /// <summary>Also when it has expired.</summary>
    Task<CachedMtaStsPolicy?> GetAsync(string domain, CancellationToken cancellation);

    /// <summary>Takes the place of an earlier one, unless that was fetched later.</summary>
    Task PutAsync(CachedMtaStsPolicy policy, CancellationToken cancellation);
}
