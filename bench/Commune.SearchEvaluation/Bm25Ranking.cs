namespace Commune.SearchEvaluation;

/// <summary>Okapi BM25 over whole words, without stems, lists of words or anything else: what our search has to beat.</summary>
public sealed class Bm25Ranking : IRanking
{
    private const double K1 = 1.2;
    private const double B = 0.75;

    private readonly string[] ids;
    private readonly int[] lengths;
    private readonly double averageLength;
    private readonly Dictionary<string, List<(int Mail, int Count)>> postings = new(StringComparer.Ordinal);

    public Bm25Ranking(IReadOnlyList<EvaluationMail> mails)
    {
        ids = [.. mails.Select(static mail => mail.Id)];
        lengths = new int[mails.Count];
        for (var i = 0; i < mails.Count; i++)
        {
            foreach (var word in PlainWords.Of(mails[i].Text).CountBy(static word => word, StringComparer.Ordinal))
            {
                lengths[i] += word.Value;
                if (!postings.TryGetValue(word.Key, out var list))
                    postings[word.Key] = list = [];
                list.Add((i, word.Value));
            }
        }
        averageLength = lengths.DefaultIfEmpty(1).Average();
    }

    public string Name => "BM25";

    public Task<IReadOnlyList<string>> RankAsync(string query, CancellationToken ct)
    {
        var scores = new Dictionary<int, double>();
        foreach (var word in PlainWords.Of(query).Distinct(StringComparer.Ordinal))
        {
            if (!postings.TryGetValue(word, out var list))
                continue;
            var rarity = Math.Log(1 + (ids.Length - list.Count + 0.5) / (list.Count + 0.5));
            foreach (var (mail, count) in list)
            {
                var weight = count * (K1 + 1) / (count + K1 * (1 - B + B * lengths[mail] / averageLength));
                scores[mail] = scores.GetValueOrDefault(mail) + rarity * weight;
            }
        }
        return Task.FromResult<IReadOnlyList<string>>(
            [.. scores.OrderByDescending(static score => score.Value).ThenBy(static score => score.Key).Select(score => ids[score.Key])]);
    }
}
