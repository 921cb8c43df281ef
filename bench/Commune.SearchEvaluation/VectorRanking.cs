using Commune.Ai.Models;

namespace Commune.SearchEvaluation;

/// <summary>All mails by the cosine of their vector and the query's.</summary>
public sealed class VectorRanking : IRanking
{
    private const string Organisation = "evaluation";

    private readonly IEmbeddingModel model;
    private readonly IReadOnlyList<(string Id, float[] Vector)> mails;

    private VectorRanking(IEmbeddingModel model, IReadOnlyList<(string Id, float[] Vector)> mails)
    {
        this.model = model;
        this.mails = mails;
    }

    public string Name => $"vectors ({model.ModelId})";

    /// <exception cref="InvalidOperationException">The model gives no vectors.</exception>
    public static async Task<VectorRanking> MakeAsync(IEmbeddingModel model, IReadOnlyList<EvaluationMail> mails, CancellationToken ct)
    {
        var vectors = await EmbedAsync(model, [.. mails.Select(static mail => mail.Text)], ct);
        return new VectorRanking(model, [.. mails.Zip(vectors, static (mail, vector) => (mail.Id, vector))]);
    }

    public async Task<IReadOnlyList<string>> RankAsync(string query, CancellationToken ct)
    {
        var asked = (await EmbedAsync(model, [query], ct))[0];
        return [.. mails.OrderByDescending(mail => Cosine(asked, mail.Vector)).Select(static mail => mail.Id)];
    }

    private static double Cosine(float[] a, float[] b)
    {
        var (dot, left, right) = (0.0, 0.0, 0.0);
        for (var i = 0; i < a.Length; i++)
        {
            dot += a[i] * b[i];
            left += a[i] * a[i];
            right += b[i] * b[i];
        }
        return left * right == 0 ? 0 : dot / Math.Sqrt(left * right);
    }

    private static async Task<IReadOnlyList<float[]>> EmbedAsync(IEmbeddingModel model, IReadOnlyList<string> texts, CancellationToken ct) =>
        await model.EmbedAsync(Organisation, texts, ct) switch
        {
            EmbeddingResult.Ok ok => ok.Vectors,
            EmbeddingResult.Refused refused => throw new InvalidOperationException(refused.Reason),
            EmbeddingResult.Failed failed => throw new InvalidOperationException(failed.Reason),
            var other => throw new InvalidOperationException($"{other.GetType().Name} is no result"),
        };
}
