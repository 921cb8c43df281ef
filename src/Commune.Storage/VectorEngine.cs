namespace Commune.Storage;

/// <summary>A search engine did not do what was asked; the message has neither a secret nor what was asked.</summary>
public sealed class VectorEngineException(string message, Exception? inner = null) : Exception(message, inner);

/// <param name="Cosines">Of each document that was found with the query.</param>
/// <param name="IsCut">The engine may have more that it did not give, all of it farther than these.</param>
public sealed record NearVectors(Dictionary<uint, float> Cosines, bool IsCut);

/// <summary>
/// A search engine that has a copy of vectors (<see cref="IVectorMirrorStore"/>). A collection holds those of one model and length, of all organisations;
/// nothing is asked or deleted without naming an organisation. All of it throws <see cref="VectorEngineException"/>.
/// </summary>
public interface IVectorEngine
{
    /// <summary>Tells this engine from another one that was used before.</summary>
    string Target { get; }

    /// <summary>The longest vectors that it takes.</summary>
    int MostNumbers { get; }

    string CollectionOf(string model, int length);

    /// <returns>True when the collection was not there and was made.</returns>
    Task<bool> EnsureAsync(string collection, int length, CancellationToken cancellation);

    Task UpsertAsync(string collection, string orgId, IReadOnlyList<MirroredVector> vectors, CancellationToken cancellation);

    Task DeleteAsync(string collection, string orgId, IReadOnlyList<long> documents, CancellationToken cancellation);

    /// <summary>Removes all that an organisation has in a collection.</summary>
    Task DeleteAllAsync(string collection, string orgId, CancellationToken cancellation);

    /// <summary>The documents of an organisation that are nearest to a query, of some inboxes or of all.</summary>
    /// <param name="inboxIds">Null for all.</param>
    /// <param name="upTo">Later documents are left out.</param>
    Task<NearVectors> NearestAsync(
        string collection, string orgId, sbyte[] query, IReadOnlyCollection<string>? inboxIds, long upTo, int limit, CancellationToken cancellation);
}
