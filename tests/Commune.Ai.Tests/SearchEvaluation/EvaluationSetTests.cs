using Commune.Ai.Models;
using Commune.Peers;
using Commune.SearchEvaluation;

namespace Commune.Ai.Tests.SearchEvaluation;

public class EvaluationSetTests
{
    private static readonly EvaluationSet Set = EvaluationSet.Load();

    [Fact]
    public void There_is_enough_of_every_kind()
    {
        Assert.True(Set.Mails.Count >= 170);
        var kinds = Set.Queries.CountBy(static query => query.Kind, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        Assert.All(["other-words", "shared-words", "names-and-typos"], kind => Assert.True(kinds[kind] >= 45));
        Assert.All(["same-language", "across-languages"], kind => Assert.True(kinds[kind] >= 20));
    }

    [Fact]
    public void No_two_mails_have_one_subject_which_would_make_them_one_thread() =>
        Assert.Equal(Set.Mails.Count, Set.Mails.Select(static mail => mail.Subject.ToUpperInvariant()).Distinct(StringComparer.Ordinal).Count());

    [Fact]
    public void No_query_stands_twice() =>
        Assert.Equal(Set.Queries.Count, Set.Queries.Select(static query => query.Kind + query.Text.ToUpperInvariant()).Distinct(StringComparer.Ordinal).Count());

    [Fact]
    public void Every_query_has_a_mail_that_answers_it() =>
        Assert.All(Set.Queries, static query => Assert.Contains(EvaluationQuery.Answers, query.Grades.Values));

    [Fact]
    public void Queries_in_other_words_have_few_words_of_the_mail()
    {
        var mails = Set.Mails.ToDictionary(static mail => mail.Id, static mail => PlainWords.Of(mail.Text).ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        foreach (var query in Set.Queries.Where(static query => query.Kind == "other-words"))
        {
            // Short words are those that every text has.
            var words = PlainWords.Of(query.Text).Where(static word => word.Length > 4).ToList();
            foreach (var (mail, _) in query.Grades.Where(static grade => grade.Value == EvaluationQuery.Answers))
                Assert.True(words.Count(mails[mail].Contains) <= 1, $"{query.Text} shares too much with {mail}");
        }
    }

    [Fact]
    public async Task A_plain_ranking_finds_shared_words_and_hardly_a_mail_by_other_words()
    {
        var evaluation = await Evaluation.MakeAsync(Set, new Bm25Ranking(Set.Mails), CancellationToken.None);
        Assert.True(evaluation.Measures("shared-words").Hit5 > 0.95);
        Assert.True(evaluation.Measures("other-words").Hit5 < 0.15);
    }

    [Fact]
    public async Task Vectors_of_a_model_behind_http_rank_the_mails()
    {
        await using var server = new FakeModel { Dimensions = 4096 };
        using var client = new ModelClient(
            new ModelSettings { Provider = ModelProvider.OpenAi, Endpoint = server.OpenAiEndpoint, Model = "fake" }, new UnlimitedBudget(), TimeProvider.System);
        var ranking = await VectorRanking.MakeAsync(new HttpEmbeddingModel(client), Set.Mails, CancellationToken.None);
        Assert.Equal("parcel-wrong-item", (await ranking.RankAsync("pink rubber boots", CancellationToken.None))[0]);
    }

    [Fact]
    public async Task Two_rankings_as_one_put_first_what_both_find()
    {
        var hybrid = new HybridRanking(new Fixed("a", "b", "c"), new Fixed("d", "b"));
        Assert.Equal("b", (await hybrid.RankAsync("", CancellationToken.None))[0]);
    }

    private sealed class Fixed(params string[] ids) : IRanking
    {
        public string Name => "fixed";

        public Task<IReadOnlyList<string>> RankAsync(string query, CancellationToken ct) => Task.FromResult<IReadOnlyList<string>>(ids);
    }
}
