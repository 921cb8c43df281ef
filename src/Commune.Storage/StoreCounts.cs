namespace Commune.Storage;

/// <summary>How much the store holds, over all organisations.</summary>
public sealed record StoreCounts(
    long Organisations, long ApiKeys, long Agents, long Domains, long Inboxes, long Messages, long WaitingJobs, long DeletionsExecuting)
{
    internal const string Query =
        """
        SELECT (SELECT count(*) FROM orgs),
               (SELECT count(*) FROM api_keys WHERE status = 'active'),
               (SELECT count(*) FROM agents WHERE status = 'active'),
               (SELECT count(*) FROM domains),
               (SELECT count(*) FROM inboxes WHERE deleted_at IS NULL),
               (SELECT count(*) FROM messages),
               (SELECT count(*) FROM jobs),
               (SELECT count(*) FROM deletion_requests WHERE status = 'executing')
        """;
}
