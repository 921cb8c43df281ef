namespace Commune.Storage;

/// <summary>How far the vectors of a model were copied to a search engine beside the store.</summary>
/// <param name="Length">Numbers of each vector.</param>
/// <param name="Place">Up to this document.</param>
/// <param name="Deletion">Up to this deletion their documents were removed again.</param>
public sealed record VectorMirror(string Model, int Length, long Place, long Deletion);

/// <summary>A vector with what the engine filters by.</summary>
public sealed record MirroredVector(long Document, string InboxId, string ThreadId, byte[] Vector);

/// <summary>
/// What a search engine beside the store has of an organisation's vectors. The store is the truth, and the engine follows it: whoever holds the
/// organisation's job copies what is new and removes what was deleted.
/// </summary>
public interface IVectorMirrorStore
{
    /// <summary>Adds the organisation's job, unless it is there.</summary>
    Task AskAsync(string orgId, CancellationToken cancellation);

    /// <summary>Organisations, those that are gone too, of which the engine lacks vectors or has too many, and that have no job.</summary>
    /// <param name="target">Names the engine.</param>
    Task<IReadOnlyList<string>> ListBehindAsync(string target, int limit, CancellationToken cancellation);

    Task<IReadOnlyList<VectorMirror>> ListAsync(string orgId, string target, CancellationToken cancellation);

    /// <summary>The vectors of a model behind a document, in ascending order; those that are empty are left out.</summary>
    /// <returns>Those, up to which document that is all there is, and the newest deletion, as of one moment.</returns>
    Task<(IReadOnlyList<MirroredVector> Vectors, long UpTo, long Deletion)> ReadAsync(
        string orgId, string model, long after, int limit, CancellationToken cancellation);

    /// <summary>The documents of deletions behind one, in order; null when some of them are forgotten, so that the copy must be made anew.</summary>
    Task<(IReadOnlyList<long> Documents, long Deletion)?> ReadDeletionsAsync(string orgId, long after, int limit, CancellationToken cancellation);

    /// <summary>Keeps how far the copy is; false when the lease was lost.</summary>
    Task<bool> RecordAsync(Job job, string target, VectorMirror mirror, CancellationToken cancellation);

    /// <summary>Forgets a copy that the engine has removed; false when the lease was lost.</summary>
    Task<bool> ForgetAsync(Job job, string target, string model, CancellationToken cancellation);
}
