using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

/// <summary>Paging through threads that move meanwhile (contract section 1, Pagination).</summary>
public abstract class ThreadPagingCompliance(Engine engine) : StoreCompliance(engine)
{
    private const int Count = 1_000;
    private const int PageSize = 7;

    /// <summary>So many threads, every fifth of which had a second message, with their tokens, in the order of their last messages.</summary>
    private async Task<(Tenant Tenant, Inbox Inbox, List<MailThread> Threads)> BeginAsync(int count = Count)
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var began = await AllAtOnceAsync(count, i => tenant.ReceiveAsync(inbox, new Letter { Subject = $"s{i}" }, Node(i)));
        await AllAtOnceAsync(count / 5, async i =>
        {
            var thread = await tenant.ThreadAsync(began[i * 5].ThreadId);
            return await tenant.ReceiveAsync(inbox, new Letter { Token = thread.ReplyToken }, Node(i));
        });
        var threads = await Task.WhenAll(began.Select(b => tenant.ThreadAsync(b.ThreadId)));
        return (tenant, inbox, [.. threads.OrderBy(t => t.LastMessageAt).ThenBy(t => t.Id, StringComparer.Ordinal)]);
    }

    /// <summary>Mail between two pages: answers in two threads at random and the begin of one.</summary>
    private async Task<string> StirAsync(Tenant tenant, Inbox inbox, List<MailThread> threads, Random random)
    {
        var token = () => threads[random.Next(threads.Count)].ReplyToken;
        var stored = await Task.WhenAll(
            tenant.ReceiveAsync(inbox, new Letter()),
            tenant.ReceiveAsync(inbox, new Letter { Token = token() }, Node(1)),
            tenant.ReceiveAsync(inbox, new Letter { Token = token() }));
        return stored[0].ThreadId;
    }

    [Theory]
    [InlineData(SortOrder.Descending, Count, PageSize)]
    [InlineData(SortOrder.Ascending, Count, PageSize)]
    [InlineData(SortOrder.Descending, 10_000, 50)]
    [InlineData(SortOrder.Ascending, 10_000, 50)]
    public async Task Every_thread_of_the_first_moment_is_given_once_in_its_place_while_mail_arrives(SortOrder order, int count, int pageSize)
    {
        var (tenant, inbox, threads) = await BeginAsync(count);
        var random = new Random(7);
        List<string> expected = [.. threads.Select(t => t.Id)];
        if (order == SortOrder.Descending)
            expected.Reverse();

        List<string> seen = [];
        HashSet<string> begun = new(StringComparer.Ordinal);
        PageCursor? cursor = null;
        do
        {
            var page = await Store.Threads.ListAsync(tenant.Threads(inbox, order, pageSize, cursor), Cancel);
            Assert.InRange(page.Items.Count, 1, pageSize);
            seen.AddRange(page.Items.Select(t => t.Id));
            cursor = page.Next;
            if (seen.Count < count)
                begun.Add(await StirAsync(tenant, inbox, threads, random));
        }
        while (cursor is not null);

        Assert.Equal(expected, seen.Take(count));
        if (order == SortOrder.Descending)
            Assert.Equal(count, seen.Count);
        else
            Assert.Equal(begun.Order(StringComparer.Ordinal), seen.Skip(count).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(SortOrder.Descending)]
    [InlineData(SortOrder.Ascending)]
    public async Task Every_thread_of_the_first_moment_is_given_once_while_writers_never_pause(SortOrder order)
    {
        var (tenant, inbox, threads) = await BeginAsync();
        var first = await Store.Threads.ListAsync(tenant.Threads(inbox, order, PageSize), Cancel);
        List<string> seen = [.. first.Items.Select(t => t.Id)];
        using var finished = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var writers = AllAtOnceAsync(2, async i =>
        {
            var random = new Random(i);
            while (!finished.IsCancellationRequested)
                await StirAsync(tenant, inbox, threads, random);
            return i;
        });

        // Ascending paging goes on into what began meanwhile and would follow the writers for ever.
        for (var cursor = first.Next; cursor is not null && seen.Count < Count;)
        {
            var page = await Store.Threads.ListAsync(tenant.Threads(inbox, order, PageSize, cursor), Cancel);
            seen.AddRange(page.Items.Select(t => t.Id));
            cursor = page.Next;
        }

        await finished.CancelAsync();
        await writers;
        Assert.Equal(
            threads.Select(t => t.Id).Order(StringComparer.Ordinal), seen.Take(Count).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Threads_that_begin_during_ascending_paging_follow_in_the_order_they_began()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        List<string> expected = [];
        for (var i = 0; i < 3; i++)
            expected.Add((await tenant.ReceiveAsync(inbox, new Letter { Subject = $"s{i}" })).ThreadId);
        var first = await Store.Threads.ListAsync(tenant.Threads(inbox, SortOrder.Ascending, 2), Cancel);
        for (var i = 0; i < 2; i++)
            expected.Add((await tenant.ReceiveAsync(inbox, new Letter { Subject = $"late{i}" })).ThreadId);
        // An answer in the first of the late ones: its place is that of its first message.
        await tenant.ReceiveAsync(inbox, new Letter { Token = (await tenant.ThreadAsync(expected[3])).ReplyToken });

        var rest = await Store.Threads.ListAsync(tenant.Threads(inbox, SortOrder.Ascending, 10, first.Next), Cancel);
        Assert.Equal(expected, [.. first.Items.Select(t => t.Id), .. rest.Items.Select(t => t.Id)]);
        Assert.Null(rest.Next);
    }
}
