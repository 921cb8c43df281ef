namespace Commune.Storage;

/// <summary>A document that has no vector of a provider's model yet.</summary>
/// <param name="Title">The subject, or a file's name.</param>
/// <param name="Text">The visible body, or what was read out of the file.</param>
public sealed record UnembeddedDocument(long Document, string Title, string Text, string? Html, bool IsFile);

/// <param name="Document">The document of the index.</param>
/// <param name="Vector">One signed byte for each number; empty when the model takes no such text.</param>
public sealed record DocumentVector(long Document, byte[] Vector);

/// <param name="Place">Up to this document vectors are made.</param>
/// <param name="Ready">Whether they were made of all once, so that they can rank.</param>
public sealed record VectorPlace(long Place, bool Ready);

/// <summary>A provider's model, and how it is asked.</summary>
/// <param name="Id">Vectors of different ids are not compared.</param>
/// <param name="Endpoint">Provider and address; empty in sets of earlier versions.</param>
/// <param name="Dimensions">Numbers that are asked for; 0 for as many as the model makes.</param>
public sealed record VectorModel(string Id, string Endpoint, string Name, int Dimensions);

/// <summary>The vectors of one model that an organisation has.</summary>
/// <param name="Length">Numbers of each; 0 while there is none.</param>
public sealed record VectorSet(VectorModel Model, int Length, VectorPlace Place);

/// <summary>Vectors of a provider's model, beside the built-in ones. They are made in the order of documents, by whoever holds the organisation's job.</summary>
public interface ISearchVectorStore
{
    /// <summary>Adds the organisation's job, unless it is there.</summary>
    Task AskAsync(string orgId, CancellationToken cancellation);

    /// <summary>Organisations that have documents without a vector of this model, or vectors of models that it took the place of, and no job.</summary>
    Task<IReadOnlyList<string>> ListBehindAsync(string model, int limit, CancellationToken cancellation);

    /// <summary>The sets of an organisation; there are few.</summary>
    Task<IReadOnlyList<VectorSet>> ListSetsAsync(string orgId, CancellationToken cancellation);

    /// <summary>The next documents without a vector of this model, in ascending order.</summary>
    /// <returns>Those, and up to where documents are known now.</returns>
    Task<(IReadOnlyList<UnembeddedDocument> Documents, long UpTo)> ReadWaitingAsync(string orgId, string model, int limit, CancellationToken cancellation);

    /// <summary>
    /// Keeps vectors and how far they are made. Documents that are gone by now are left out. A set that was ready stays so. When the model makes vectors of
    /// another length than those that are there, the set begins anew instead.
    /// </summary>
    /// <returns>False when the lease was lost; nothing has changed then.</returns>
    Task<bool> RecordAsync(Job job, VectorModel model, IReadOnlyList<DocumentVector> vectors, VectorPlace place, CancellationToken cancellation);

    /// <summary>Removes some of the vectors of other models, once this one's are ready, and their sets with the last of them.</summary>
    /// <returns>True when more are left; false also when the lease was lost.</returns>
    Task<bool> DropOthersAsync(Job job, string model, int limit, CancellationToken cancellation);

    /// <summary>Vectors behind a document and up to the place, in ascending order, and the place as of the same moment.</summary>
    Task<(VectorPlace Place, IReadOnlyList<DocumentVector> Vectors)> ReadAsync(
        string orgId, string model, long after, int limit, CancellationToken cancellation);
}
