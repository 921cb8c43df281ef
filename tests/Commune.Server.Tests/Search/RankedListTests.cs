using Commune.Server.Search;

namespace Commune.Server.Tests.Search;

public sealed class RankedListTests
{
    [Theory]
    [InlineData(10)]
    [InlineData(5000)]
    [InlineData(50_000)]
    public void The_order_is_that_of_sorting_all(int count)
    {
        var random = new Random(count);
        Ranked[] found = [.. Enumerable.Range(0, count).Select(i => new Ranked(random.Next(20) == 0 ? 1 : (random.NextDouble() * 5) - 1, (uint)i, i))];
        Ranked[] all = [.. found.Order()];
        var list = new RankedList([.. found]);
        Assert.Equal(all, Enumerable.Range(0, count).Select(i => list[i]));
        var alike = new RankedList([.. found.Select(static row => row with { Raw = .5 })]);
        Assert.Equal((uint)(count - 1), alike[0].Document);
        Assert.Equal(0u, alike[count - 1].Document);
    }
}
