using Commune.Ai.Models;
using Commune.Peers;

namespace Commune.Ai.Tests.Models;

public class DailyModelBudgetTests
{
    private readonly ManualTimeProvider time = new();

    [Fact]
    public async Task An_organisation_may_spend_its_limit_and_no_more()
    {
        var budget = new DailyModelBudget(100, time);
        Assert.True(await budget.TryTakeAsync("a", 60, default));
        Assert.False(await budget.TryTakeAsync("a", 60, default));
        Assert.True(await budget.TryTakeAsync("b", 60, default));
    }

    [Fact]
    public async Task What_was_not_used_is_given_back()
    {
        var budget = new DailyModelBudget(100, time);
        await budget.TryTakeAsync("a", 90, default);
        await budget.SpentAsync("a", 90, new ModelUsage(30, 10), default);
        Assert.True(await budget.TryTakeAsync("a", 60, default));
        Assert.False(await budget.TryTakeAsync("a", 1, default));
    }

    [Fact]
    public async Task A_new_day_begins_at_zero()
    {
        var budget = new DailyModelBudget(100, time);
        await budget.TryTakeAsync("a", 100, default);
        time.Advance(TimeSpan.FromDays(1));
        await budget.SpentAsync("a", 100, default, default);
        Assert.True(await budget.TryTakeAsync("a", 100, default));
        Assert.False(await budget.TryTakeAsync("a", 1, default));
    }

    [Fact]
    public async Task Without_a_limit_everything_passes()
    {
        var budget = new DailyModelBudget(null, time);
        Assert.True(await budget.TryTakeAsync("a", int.MaxValue, default));
        Assert.True(await budget.TryTakeAsync("a", int.MaxValue, default));
    }
}
