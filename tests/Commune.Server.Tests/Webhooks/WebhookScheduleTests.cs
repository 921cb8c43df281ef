using Commune.Server.Webhooks;

namespace Commune.Server.Tests.Webhooks;

public sealed class WebhookScheduleTests
{
    private static readonly TimeSpan[] Delays = [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30)];

    [Theory]
    [InlineData(0, 3.75)]
    [InlineData(0.5, 5)]
    [InlineData(1, 6.25)]
    public void A_delay_is_spread_by_a_quarter_to_both_sides(double random, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), new WebhookSchedule(Delays, () => random).After(1, null));

    [Fact]
    public void After_the_last_delay_there_is_one_more_attempt_and_then_none()
    {
        var schedule = new WebhookSchedule(Delays, static () => 0.5);
        Assert.Equal(3, schedule.MaxAttempts);
        Assert.Equal(TimeSpan.FromSeconds(30), schedule.After(2, null));
        Assert.Null(schedule.After(3, null));
        Assert.Null(schedule.After(3, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void What_the_endpoint_asks_for_is_granted_up_to_the_longest_delay()
    {
        var schedule = new WebhookSchedule(Delays, static () => 0.5);
        Assert.Equal(TimeSpan.FromSeconds(20), schedule.After(1, TimeSpan.FromSeconds(20)));
        Assert.Equal(TimeSpan.FromSeconds(30), schedule.After(1, TimeSpan.FromDays(1)));
        Assert.Equal(TimeSpan.FromSeconds(5), schedule.After(1, TimeSpan.FromSeconds(1)));
    }
}
