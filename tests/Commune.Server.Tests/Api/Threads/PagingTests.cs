using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Api.Threads;

/// <summary>Issue 2, "Must hold": threads page correctly in both orders while mail keeps arriving.</summary>
public abstract class PagingTests(Engine engine) : ServerTests(engine)
{
    private const int Threads = 10_000;

    [Fact]
    public async Task Ten_thousand_threads_are_paged_in_both_orders_while_mail_arrives()
    {
        var inbox = await Api.NewInboxAsync();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(part => FillAsync(inbox, part * Threads / 8, Threads / 8)));

        foreach (var order in (string[])["desc", "asc"])
        {
            using var stop = new CancellationTokenSource();
            var arrivals = ArriveAsync(inbox, order, stop.Token);
            var (ids, subjects) = await PageAsync(inbox, order);
            await stop.CancelAsync();
            await arrivals;
            Assert.Equal(ids.Count, ids.Distinct(StringComparer.Ordinal).Count());
            var missed = Enumerable.Range(0, Threads).Select(static i => $"subject {i}").Except(subjects, StringComparer.Ordinal).ToList();
            Assert.True(missed.Count == 0, $"{order}: {missed.Count} of {Threads} were missed, such as {string.Join(", ", missed.Take(5))}");
        }
    }

    private async Task<(List<string> Ids, List<string> Subjects)> PageAsync(InboxHandle inbox, string order)
    {
        var (ids, subjects) = (new List<string>(), new List<string>());
        for (string? cursor = ""; cursor is not null;)
        {
            var page = (await Api.GetAsync($"/v1/threads?inbox_id={inbox.Id}&limit=100&order={order}" + (cursor.Length > 0 ? "&cursor=" + cursor : ""))).Expect(200);
            ids.AddRange(page.List.Select(static t => (string)t["thread_id"]!));
            subjects.AddRange(page.List.Select(static t => (string)t["subject"]!));
            cursor = page.NextCursor;
            // Oldest first, threads that move to the end could be followed for ever: mail that came after the start may be left out.
            Assert.True(ids.Count < 3 * Threads, "paging does not end");
        }
        return (ids, subjects);
    }

    /// <summary>New threads, and answers that move old ones to the newest end.</summary>
    private async Task ArriveAsync(InboxHandle inbox, string order, CancellationToken stop)
    {
        await using var talk = await SmtpTalk.GreetAsync(Server.Program.Smtp);
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var subject = i % 2 == 0 ? $"new {order} {i}" : $"Re: subject {i * 37 % Threads}";
            (await talk.MailAsync("kim@example.com", [inbox.Address], Letter.Plain("kim@example.com", inbox.Address, subject, "t"))).Expect(250);
        }
    }

    private async Task FillAsync(InboxHandle inbox, int start, int count)
    {
        await using var talk = await SmtpTalk.GreetAsync(Server.Program.Smtp);
        for (var i = start; i < start + count; i++)
            (await talk.MailAsync("kim@example.com", [inbox.Address], Letter.Plain("kim@example.com", inbox.Address, $"subject {i}", $"t {i}"))).Expect(250);
    }
}

public sealed class SqlitePagingTests(SqliteEngine engine) : PagingTests(engine);

public sealed class PostgresPagingTests(PostgresEngine engine) : PagingTests(engine);
