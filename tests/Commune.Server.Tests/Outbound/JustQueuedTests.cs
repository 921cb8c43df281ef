using Commune.Peers;
using Commune.Server.Hosting;
using Commune.Server.Outbound;
using Commune.Storage;
using Microsoft.Extensions.Options;

namespace Commune.Server.Tests.Outbound;

/// <summary>Queued mail that waits in memory for its delivery.</summary>
public sealed class JustQueuedTests
{
    private readonly ManualTimeProvider time = new();
    private readonly JustQueued queued;

    public JustQueuedTests() => queued = new JustQueued(Options.Create(new CommuneOptions()), time);

    private static QueuedMail Raw(int length) => new(new RawMessage(new byte[length], [], length), null);

    [Fact]
    public void A_message_is_taken_once()
    {
        queued.Add("msg_1", Raw(10));
        Assert.Equal(10, queued.Take("msg_1")!.Raw.Size);
        Assert.Null(queued.Take("msg_1"));
    }

    [Fact]
    public void The_oldest_give_way_when_there_is_no_room()
    {
        for (var i = 0; i < 100; i++)
            queued.Add($"msg_{i}", Raw(256 * 1024));
        Assert.Null(queued.Take("msg_0"));
        Assert.NotNull(queued.Take("msg_99"));
        Assert.InRange(Enumerable.Range(0, 100).Count(i => queued.Take($"msg_{i}") is not null), 1, 63);
    }

    [Fact]
    public void One_that_stays_is_not_kept_for_ever_behind_others_that_are_taken()
    {
        queued.Add("stays", Raw(10));
        for (var i = 0; i < 1000; i++)
        {
            queued.Add($"msg_{i}", Raw(10));
            Assert.NotNull(queued.Take($"msg_{i}"));
        }
        Assert.Null(queued.Take("stays"));
    }

    [Fact]
    public void A_node_that_delivers_nothing_keeps_nothing()
    {
        var idle = new JustQueued(Options.Create(new CommuneOptions { Roles = "api,smtp" }), time);
        idle.Add("msg_1", Raw(10));
        Assert.Null(idle.Take("msg_1"));
    }

    [Fact]
    public void The_envelope_of_one_that_waited_long_is_read_again()
    {
        queued.Add("msg_1", Whole("msg_1"));
        queued.Add("msg_2", Whole("msg_2"));
        time.Advance(TimeSpan.FromSeconds(29));
        Assert.NotNull(queued.Take("msg_1")!.Envelope);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(queued.Take("msg_2")!.Envelope);
    }

    [Fact]
    public void What_was_queued_before_a_deletion_is_read_again()
    {
        queued.Add("msg_1", Whole("msg_1"));
        queued.Forget();
        Assert.Null(queued.Take("msg_1"));
    }

    private static QueuedMail Whole(string messageId) => Raw(10) with
    {
        Envelope = new OutboundEnvelope("org_1", messageId, "i_1", "<1@example.com>", "a@example.com", Raw(10).Raw, 0, ["b@example.org"]),
    };
}
