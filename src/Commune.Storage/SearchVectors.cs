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

/// <summary>Vectors of a provider's model, beside the built-in ones. They are made in the order of documents, by whoever holds the organisation's job.</summary>
public interface ISearchVectorStore
{
    /// <summary>Adds the organisation's job, unless it is there.</summary>
    Task AskAsync(string orgId, CancellationToken cancellation);

    /// <summary>Organisations that have documents without a vector of this model and no job.</summary>
    Task<IReadOnlyList<string>> ListBehindAsync(string model, int limit, CancellationToken cancellation);

    /// <summary>The next documents without a vector of this model, in ascending order.</summary>
    /// <returns>Those, and up to where documents are known now.</returns>
    Task<(IReadOnlyList<UnembeddedDocument> Documents, long UpTo)> ReadWaitingAsync(string orgId, string model, int limit, CancellationToken cancellation);

    /// <summary>Keeps vectors and how far they are made. Documents that are gone by now are left out; once ready, vectors of other models go.</summary>
    /// <returns>False when the lease was lost; nothing has changed then.</returns>
    Task<bool> RecordAsync(Job job, string model, IReadOnlyList<DocumentVector> vectors, VectorPlace place, CancellationToken cancellation);

    /// <summary>Vectors behind a document, in ascending order, and the place as of the same moment.</summary>
    Task<(VectorPlace Place, IReadOnlyList<DocumentVector> Vectors)> ReadAsync(
        string orgId, string model, long after, int limit, CancellationToken cancellation);
}
