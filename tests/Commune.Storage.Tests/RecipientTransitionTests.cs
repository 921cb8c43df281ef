namespace Commune.Storage.Tests;

public sealed class RecipientTransitionTests
{
    [Fact]
    public void Events_of_one_moment_sort_in_their_order()
    {
        var transition = RecipientTransition.OfAttempt("queued", 0, new RecipientOutcome("a@example.org", "delivered", 250, "250 Ok"))!.Value;
        Assert.Equal(["sent", "delivered"], transition.Events);
        // Ids have a counter of 15 bits in them.
        for (var i = 0; i < 20_000; i++)
        {
            var events = transition.NewEvents(1_700_000_000_000).ToList();
            Assert.True(string.CompareOrdinal(events[0].Id, events[1].Id) < 0, $"{events[0]} {events[1]}");
        }
    }
}
