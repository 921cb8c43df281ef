using Commune.SearchEvaluation;

namespace Commune.Ai.Tests.SearchEvaluation;

public class RankingMeasuresTests
{
    private static readonly EvaluationQuery Query =
        new("kind", "words", new Dictionary<string, int>(StringComparer.Ordinal) { ["a"] = 2, ["b"] = 1 });

    private static RankingMeasures Measure(params string[] ranking) => RankingMeasures.Of([(Query, ranking)]);

    [Fact]
    public void The_best_order_is_1() => Assert.Equal(new RankingMeasures(1, 1, 1, 1), Measure("a", "b", "c"));

    [Fact]
    public void Gain_shrinks_with_the_logarithm_of_the_place()
    {
        // (1/log2(2) + 3/log2(3)) / (3/log2(2) + 1/log2(3))
        Assert.Equal(2.892789 / 3.630930, Measure("b", "a").Ndcg10, 5);
    }

    [Fact]
    public void A_mail_that_only_touches_the_query_is_no_hit()
    {
        Assert.Equal(0, Measure("b", "a").Hit1);
        Assert.Equal(1, Measure("b", "a").Hit5);
    }

    [Fact]
    public void What_is_not_found_in_ten_counts_nothing() =>
        Assert.Equal(new RankingMeasures(1, 0, 0, 0), Measure("c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "a"));

    [Fact]
    public void A_mail_that_is_repeated_counts_once() =>
        Assert.Equal(Measure("a", "c").Ndcg10, Measure("a", "a").Ndcg10);

    [Fact]
    public void A_ranking_of_nothing_is_0() => Assert.Equal(new RankingMeasures(1, 0, 0, 0), Measure());
}
