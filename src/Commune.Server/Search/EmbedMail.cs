using System.Runtime.InteropServices;
using Commune.Ai.Models;
using Commune.Mail.Mime;
using Commune.Storage;

namespace Commune.Server.Search;

/// <summary>
/// Has the provider make vectors of an organisation's mail, as a job: in the order of documents, some at a time, each batch recorded with how far it
/// has come, so that a crash costs one batch. While another model's vectors still rank, new mail gets theirs too; they go when the set is complete.
/// </summary>
internal sealed partial class EmbedMail(IStore store, EmbeddingProvider provider, TimeProvider time, ILogger<EmbedMail> log)
{
    private const int AtOnce = 32;
    private const int BatchesOfATurn = 20;
    private const int DroppedAtOnce = 500;

    /// <summary>Models take some thousand tokens; the meaning of a mail stands at its beginning.</summary>
    private const int MostEmbedded = 6000;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private enum Step
    {
        /// <summary>More may wait.</summary>
        Done,
        Complete,
        Failed,
        LeaseLost,
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public async Task RunAsync(Job job, CancellationToken cancellation)
    {
        var former = await FormerAsync(job.OrgId, cancellation);
        var step = Step.Done;
        for (var batch = 0; batch < BatchesOfATurn && step == Step.Done; batch++)
        {
            // Its vectors rank until those of the model of now are complete: what comes meanwhile is to be found by them.
            if (former is not null && await EmbedNextAsync(job, former, former.Impatient, cancellation) == Step.Failed)
                former = null;
            step = await EmbedNextAsync(job, provider.Current, provider.Current.Mail, cancellation);
        }
        if (step == Step.LeaseLost)
            return;
        if (step == Step.Failed)
        {
            var pause = FirstPause * Math.Pow(2, Math.Min(job.Attempts - 1, 10));
            await store.Jobs.RescheduleAsync(job, Now + (long)(pause < LongestPause ? pause : LongestPause).TotalMilliseconds, cancellation);
            return;
        }
        var moreToDrop = true;
        for (var batch = 0; batch < BatchesOfATurn && moreToDrop; batch++)
            moreToDrop = await store.SearchVectors.DropOthersAsync(job, provider.Model, DroppedAtOnce, cancellation);
        // Completed also when more waits: attempts then count failures alone. What came meanwhile found the job there, and asked for no other.
        await store.Jobs.CompleteAsync(job, cancellation);
        if (moreToDrop || (await store.SearchVectors.ReadWaitingAsync(job.OrgId, provider.Model, 1, cancellation)).Documents.Count > 0)
            await store.SearchVectors.AskAsync(job.OrgId, cancellation);
    }

    /// <summary>The model whose vectors rank in place of those that are not complete; null when there is none, or nobody to ask for it.</summary>
    private async Task<ProviderModel?> FormerAsync(string orgId, CancellationToken cancellation) =>
        RankingSet.Of(await store.SearchVectors.ListSetsAsync(orgId, cancellation), provider.Model) is { } set && set.Model.Id != provider.Model ? provider.Of(set) : null;

    private async Task<Step> EmbedNextAsync(Job job, ProviderModel model, HttpEmbeddingModel asked, CancellationToken cancellation)
    {
        var (documents, upTo) = await store.SearchVectors.ReadWaitingAsync(job.OrgId, model.Model.Id, AtOnce, cancellation);
        if (await EmbedAsync(job.OrgId, asked, documents, cancellation) is not { } vectors)
            return Step.Failed;
        var isLast = documents.Count < AtOnce;
        return !await store.SearchVectors.RecordAsync(
            job, model.Model, vectors, new VectorPlace(isLast ? upTo : documents[^1].Document, isLast), cancellation) ? Step.LeaseLost
            : isLast ? Step.Complete : Step.Done;
    }

    /// <summary>Null when the provider makes none now.</summary>
    private async Task<IReadOnlyList<DocumentVector>?> EmbedAsync(
        string orgId, HttpEmbeddingModel model, IReadOnlyList<UnembeddedDocument> documents, CancellationToken cancellation)
    {
        if (documents.Count == 0)
            return [];
        switch (await model.EmbedAsync(orgId, [.. documents.Select(TextOf)], cancellation))
        {
            case EmbeddingResult.Ok ok:
                return [.. documents.Select((document, i) => VectorOf(document, ok.Vectors[i]))];
            case EmbeddingResult.Failed failed:
                LogFailure(log, model.ModelId, failed.Reason);
                return null;
            case EmbeddingResult.Refused refused when !await TakesTextAsync(orgId, model, cancellation):
                LogFailure(log, model.ModelId, refused.Reason);
                return null;
            default:
                return await EmbedOneByOneAsync(orgId, model, documents, cancellation);
        }
    }

    /// <summary>One of several is refused for what it says, or for its length: that one is left to its words.</summary>
    private async Task<IReadOnlyList<DocumentVector>?> EmbedOneByOneAsync(
        string orgId, HttpEmbeddingModel model, IReadOnlyList<UnembeddedDocument> documents, CancellationToken cancellation)
    {
        var vectors = new List<DocumentVector>();
        foreach (var document in documents)
        {
            switch (await model.EmbedAsync(orgId, [TextOf(document)], cancellation))
            {
                case EmbeddingResult.Ok ok:
                    vectors.Add(VectorOf(document, ok.Vectors[0]));
                    break;
                case EmbeddingResult.Refused when await TakesTextAsync(orgId, model, cancellation):
                    vectors.Add(new DocumentVector(document.Document, []));
                    break;
                default:
                    return null;
            }
        }
        return vectors;
    }

    /// <summary>Whether the provider refuses one text, and not us.</summary>
    private static async Task<bool> TakesTextAsync(string orgId, HttpEmbeddingModel model, CancellationToken cancellation) =>
        await model.EmbedAsync(orgId, ["mail"], cancellation) is EmbeddingResult.Ok;

    private static DocumentVector VectorOf(UnembeddedDocument document, float[] vector) =>
        new(document.Document, MemoryMarshal.AsBytes<sbyte>(ProviderVectors.Pack(vector)).ToArray());

    private static string TextOf(UnembeddedDocument document)
    {
        var text = document.IsFile ? document.Text : new MessageContent(document.Text, document.Html, []).ReplyText;
        return $"{document.Title}\n{(text.Length <= MostEmbedded ? text : text[..MostEmbedded])}";
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Model} makes no vectors of mail: {Reason} It is asked again later; search goes on without them")]
    private static partial void LogFailure(ILogger log, string model, string reason);
}
