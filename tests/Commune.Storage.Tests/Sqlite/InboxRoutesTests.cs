using Commune.Peers;
using Commune.Storage.Sqlite;

namespace Commune.Storage.Tests.Sqlite;

public sealed class InboxRoutesTests
{
    private static readonly InboxRoute Route = new("org_1", "i_1", "d_1", "in@example.com");
    private readonly ManualTimeProvider time = new();

    [Fact]
    public void An_answer_is_given_again_until_a_commit_changes_the_tables()
    {
        var routes = new InboxRoutes(time);
        routes.Keep("example.com", "in", Route, routes.Version);
        Assert.Same(Route, routes.Find("example.com", "in"));
        routes.Changed();
        Assert.Null(routes.Find("example.com", "in"));
    }

    [Fact]
    public void An_answer_that_was_read_before_a_commit_and_kept_after_it_is_not_given()
    {
        var routes = new InboxRoutes(time);
        var asOf = routes.Version;
        routes.Changed();
        routes.Keep("example.com", "in", Route, asOf);
        Assert.Null(routes.Find("example.com", "in"));
    }

    [Fact]
    public void What_another_process_changed_is_seen_after_a_moment()
    {
        var routes = new InboxRoutes(time);
        routes.Keep("example.com", "in", Route, routes.Version);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(routes.Find("example.com", "in"));
    }
}
