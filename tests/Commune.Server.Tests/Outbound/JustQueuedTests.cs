using Commune.Server.Hosting;
using Commune.Server.Outbound;
using Commune.Storage;
using Microsoft.Extensions.Options;

namespace Commune.Server.Tests.Outbound;

/// <summary>The bytes of queued mail that wait in memory for its delivery.</summary>
public sealed class QueuedBytesTests
{
    private readonly QueuedBytes queued = new(Options.Create(new CommuneOptions()));

    private static RawMessage Raw(int length) => new(new byte[length], [], length);

    [Fact]
    public void A_message_is_taken_once()
    {
        queued.Add("msg_1", Raw(10));
        Assert.Equal(10, queued.Take("msg_1")!.Size);
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
        var idle = new QueuedBytes(Options.Create(new CommuneOptions { Roles = "api,smtp" }));
        idle.Add("msg_1", Raw(10));
        Assert.Null(idle.Take("msg_1"));
    }
}
