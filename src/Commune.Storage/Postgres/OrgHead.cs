namespace Commune.Storage.Postgres;

/// <summary>
/// An organisation's row in <c>org_heads</c>, held by the present transaction.
/// </summary>
/// <remarks>
/// The invariant of this engine: a transaction that stores mail or appends events first takes the rows of all its organisations, in
/// ascending order of their ids (so that two transactions never wait for each other), and holds them until it has committed. Therefore, per
/// organisation and across all nodes: event numbers appear in commit order and without gaps; <see cref="Now"/> is later than every time that was
/// committed before, so that what is listed by time is listed in commit order; and the choice of a thread, idempotency keys and
/// the counting of sends happen one after the other.
/// </remarks>
internal sealed class OrgHead
{
    private readonly string orgId;

    private OrgHead(string orgId, long sequence, long now, long asked, long documents, long endpoints) =>
        (this.orgId, Sequence, Now, Asked, Documents, Endpoints) = (orgId, sequence, now, asked, documents, endpoints);

    public string OrgId => orgId;

    /// <summary>The number of the newest event.</summary>
    public long Sequence { get; private set; }

    /// <summary>The newest document number of the organisation's index.</summary>
    public long Documents { get; private set; }

    /// <summary>The time, Unix ms, of everything that this transaction stores for the organisation.</summary>
    public long Now { get; }

    /// <summary>What clocks say, Unix ms; <see cref="Now"/> may run ahead of it.</summary>
    public long Asked { get; }

    /// <summary>The mark of the organisation's active endpoints (<see cref="WebhookSubscriptions"/>); 0 when it has none.</summary>
    public long Endpoints { get; }

    /// <summary>True when events were appended, so that the row must be written.</summary>
    public bool Changed { get; private set; }

    /// <param name="clock">The newest time that was committed.</param>
    /// <param name="atLeast">What clocks say: never earlier than this, and always later than <paramref name="clock"/>.</param>
    public static OrgHead Held(string orgId, long sequence, long clock, long atLeast, long documents, long endpoints) =>
        new(orgId, sequence, Math.Max(clock + 1, atLeast), atLeast, documents, endpoints);

    /// <summary>The next document number.</summary>
    public long NextDocument()
    {
        Changed = true;
        return ++Documents;
    }

    /// <summary>The next event of the log.</summary>
    public MailEvent Append(string type, string? inboxId, string? threadId, string? messageId, string? data = null)
    {
        Changed = true;
        return new MailEvent(orgId, ++Sequence, type, Now, inboxId, threadId, messageId, data);
    }
}
