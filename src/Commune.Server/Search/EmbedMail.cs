using System.Runtime.InteropServices;
using Commune.Ai.Models;
using Commune.Mail.Mime;
using Commune.Storage;

namespace Commune.Server.Search;

/// <summary>
/// Has the provider make vectors of an organisation's mail, as a job: in the order of documents, some at a time, each batch recorded with how far it
/// has come, so that a crash costs one batch.
/// </summary>
internal sealed partial class EmbedMail(IStore store, EmbeddingProvider provider, TimeProvider time, ILogger<EmbedMail> log)
{
    private const int AtOnce = 32;
    private const int BatchesOfATurn = 20;

    /// <summary>Models take some thousand tokens; the meaning of a mail stands at its beginning.</summary>
    private const int MostEmbedded = 6000;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public async Task RunAsync(Job job, CancellationToken cancellation)
    {
        for (var batch = 0; batch < BatchesOfATurn; batch++)
        {
            var (documents, upTo) = await store.SearchVectors.ReadWaitingAsync(job.OrgId, provider.Model, AtOnce, cancellation);
            if (await EmbedAsync(job.OrgId, documents, cancellation) is not { } vectors)
            {
                var pause = FirstPause * Math.Pow(2, Math.Min(job.Attempts - 1, 10));
                await store.Jobs.RescheduleAsync(job, Now + (long)(pause < LongestPause ? pause : LongestPause).TotalMilliseconds, cancellation);
                return;
            }
            var isLast = documents.Count < AtOnce;
            if (!await store.SearchVectors.RecordAsync(
                job, provider.Model, vectors, new VectorPlace(isLast ? upTo : documents[^1].Document, isLast), cancellation))
                return;
            if (isLast)
                break;
        }
        // Completed also when more waits: attempts then count failures alone. What came meanwhile found the job there, and asked for no other.
        await store.Jobs.CompleteAsync(job, cancellation);
        if ((await store.SearchVectors.ReadWaitingAsync(job.OrgId, provider.Model, 1, cancellation)).Documents.Count > 0)
            await store.SearchVectors.AskAsync(job.OrgId, cancellation);
    }

    /// <summary>Null when the provider makes none now.</summary>
    private async Task<IReadOnlyList<DocumentVector>?> EmbedAsync(string orgId, IReadOnlyList<UnembeddedDocument> documents, CancellationToken cancellation)
    {
        if (documents.Count == 0)
            return [];
        switch (await provider.Mail.EmbedAsync(orgId, [.. documents.Select(TextOf)], cancellation))
        {
            case EmbeddingResult.Ok ok:
                return [.. documents.Select((document, i) => new DocumentVector(
                    document.Document, MemoryMarshal.AsBytes<sbyte>(ProviderVectors.Pack(ok.Vectors[i])).ToArray()))];
            case EmbeddingResult.Failed failed:
                LogFailure(log, failed.Reason);
                return null;
            case EmbeddingResult.Refused refused when !await TakesTextAsync(orgId, cancellation):
                LogFailure(log, refused.Reason);
                return null;
            default:
                return await EmbedOneByOneAsync(orgId, documents, cancellation);
        }
    }

    /// <summary>One of several is refused for what it says, or for its length: that one is left to its words.</summary>
    private async Task<IReadOnlyList<DocumentVector>?> EmbedOneByOneAsync(
        string orgId, IReadOnlyList<UnembeddedDocument> documents, CancellationToken cancellation)
    {
        var vectors = new List<DocumentVector>();
        foreach (var document in documents)
        {
            switch (await provider.Mail.EmbedAsync(orgId, [TextOf(document)], cancellation))
            {
                case EmbeddingResult.Ok ok:
                    vectors.Add(new DocumentVector(document.Document, MemoryMarshal.AsBytes<sbyte>(ProviderVectors.Pack(ok.Vectors[0])).ToArray()));
                    break;
                case EmbeddingResult.Refused when await TakesTextAsync(orgId, cancellation):
                    vectors.Add(new DocumentVector(document.Document, []));
                    break;
                default:
                    return null;
            }
        }
        return vectors;
    }

    /// <summary>Whether the provider refuses one text, and not us.</summary>
    private async Task<bool> TakesTextAsync(string orgId, CancellationToken cancellation) =>
        await provider.Mail.EmbedAsync(orgId, ["mail"], cancellation) is EmbeddingResult.Ok;

    private static string TextOf(UnembeddedDocument document)
    {
        var text = document.IsFile ? document.Text : new MessageContent(document.Text, document.Html, []).ReplyText;
        return $"{document.Title}\n{(text.Length <= MostEmbedded ? text : text[..MostEmbedded])}";
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The provider of embeddings makes no vectors of mail: {Reason} It is asked again later; search goes on without them")]
    private static partial void LogFailure(ILogger log, string reason);
}
