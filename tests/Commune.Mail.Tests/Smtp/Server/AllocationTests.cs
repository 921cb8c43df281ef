namespace Commune.Mail.Tests.Smtp.Server;

public sealed class AllocationTests
{
    [Fact]
    public async Task The_usual_message_allocates_little_and_nothing_by_its_size()
    {
        var small = await AllocatedAsync(bodyLines: 10);
        var large = await AllocatedAsync(bodyLines: 260);
        // Unoptimised builds allocate every async state; an optimised one stays below 1 KB.
        Assert.InRange(small, 1, 6000);
        Assert.InRange(large - small, -500, 500);
    }

    // The pipes run the session on this thread, so that its allocations are counted here.
    private static async Task<long> AllocatedAsync(int bodyLines)
    {
        const int Rounds = 50;
        ReadOnlyMemory<byte> commands = "MAIL FROM:<alice@example.com>\r\nRCPT TO:<bob@example.org>\r\nDATA\r\n"u8.ToArray();
        var body = System.Text.Encoding.ASCII.GetBytes(
            string.Concat(Enumerable.Repeat("A line of the usual length, which is below eighty octets or so.\r\n", bodyLines)) + ".\r\n");
        await using var peer = await SmtpPeer.GreetedAsync();
        peer.Handler.Remembers = false;
        var before = 0L;
        for (var i = 0; i < Rounds + 10; i++)
        {
            if (i == 10)
                before = GC.GetAllocatedBytesForCurrentThread();
            await peer.SendAsync(commands);
            await peer.SendAsync(body);
            peer.Skip();
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before) / Rounds;
    }
}
