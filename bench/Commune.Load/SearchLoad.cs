using System.Diagnostics;
using System.Runtime.InteropServices;
using Commune.Ai.Search;
using Commune.Storage;
using Commune.Storage.Postgres;
using Commune.Storage.Sqlite;

namespace Commune.Load;

/// <summary>How fast a large inbox is searched, what the index costs for each message, and the memory it takes.</summary>
internal static class SearchLoad
{
    private const int AtOnce = 256;

    public static async Task<int> RunAsync(LoadOptions options)
    {
        var messages = options.Messages ?? 100_000;
        await using var home = await ServerHome.MakeAsync(options);
        string inboxId;
        await using (var server = await ServerProcess.StartAsync(options, home))
            inboxId = (await server.CreateInboxAsync()).Id;

        var cost = await FillAsync(options, home, inboxId, messages);
        Console.WriteLine($"{options.Engine}, {Environment.ProcessorCount} cores, {messages} messages of 180 words in one inbox");
        Console.WriteLine($"  making the entry             {cost.Making.TotalMicroseconds:0} µs of processor time a message");
        Console.WriteLine($"  storing with it, without it  {cost.With.TotalMicroseconds:0} µs, {cost.Without.TotalMicroseconds:0} µs a message (groups of {AtOnce})");

        await using var filled = await ServerProcess.StartAsync(options, home);
        var upkeep = await RestAsync(filled);
        Console.WriteLine($"  merging                      {upkeep.TotalMicroseconds / messages:0} µs of processor time a message");
        var before = filled.Memory("RssAnon");
        var text = new SearchMailText(2);
        var first = Stopwatch.GetTimestamp();
        (await filled.Api.GetAsync(Path(inboxId, "parcel"))).EnsureSuccessStatusCode();
        Console.WriteLine($"  first search after a start   {Stopwatch.GetElapsedTime(first).TotalMilliseconds:0} ms");
        await Latencies.MeasureAsync(1, TimeSpan.FromSeconds(3), _ => filled.Api.GetAsync(Path(inboxId, text.Query(messages))));
        foreach (var callers in (int[])[1, 4])
        {
            SearchMailText[] texts = [.. Enumerable.Range(0, callers).Select(static caller => new SearchMailText(100 + caller))];
            var processor = filled.ProcessorTime();
            var latencies = await Latencies.MeasureAsync(callers, options.Duration, caller => filled.Api.GetAsync(Path(inboxId, texts[caller].Query(messages))));
            Console.WriteLine(
                $"  search, {callers} caller(s)           {latencies.PerSecond,8:0}/s  p50 {latencies.Text(.5)}  p95 {latencies.Text(.95)}  p99 {latencies.Text(.99)}, "
                + $"{(filled.ProcessorTime() - processor).TotalMilliseconds / latencies.Count:0.0} ms of processor time each");
        }
        Console.WriteLine($"  resident                     {before >> 20} MB before the first search, {filled.Memory("RssAnon") >> 20} MB now, {filled.Memory("RssFile") >> 20} MB of mapped files");
        return 0;
    }

    private static string Path(string inboxId, string query) => $"/v1/search/threads?inbox_id={inboxId}&q={Uri.EscapeDataString(query)}";

    /// <summary>Waits until the server has nothing left to do, and tells what it took.</summary>
    private static async Task<TimeSpan> RestAsync(ServerProcess server)
    {
        var start = server.ProcessorTime();
        for (var last = TimeSpan.Zero; ;)
        {
            await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, CancellationToken.None);
            var now = server.ProcessorTime();
            if (now - last < TimeSpan.FromMilliseconds(60))
                return now - start;
            last = now;
        }
    }

    private static async Task<(TimeSpan Making, TimeSpan With, TimeSpan Without)> FillAsync(LoadOptions options, ServerHome home, string inboxId, int messages)
    {
        await using IStore store = home.Connection is { } connection
            ? new PostgresStore(new PostgresStoreSettings(connection), TimeProvider.System)
            : new SqliteStore(new SqliteStoreSettings(home.Directory), TimeProvider.System);
        await store.MigrateAsync(CancellationToken.None);
        var domain = await store.Domains.GetSharedAsync(CancellationToken.None);
        var inbox = await store.Inboxes.GetAsync(domain.OrgId, inboxId, CancellationToken.None) ?? throw new LoadException("The inbox is not there.");
        // Another organisation's mail, to know what the same costs without an index.
        var text = new SearchMailText(1);
        var (making, with, without) = (TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);
        var few = Math.Min(messages, 10_000);
        var other = inbox with { Id = EntityId.New("i_"), LocalPart = "other" };
        await store.Inboxes.CreateAsync(other, CancellationToken.None);
        for (var done = 0; done < messages; done += AtOnce)
        {
            var mails = Enumerable.Range(done, Math.Min(AtOnce, messages - done)).Select(number => Mail(text, inbox, number)).ToArray();
            var processor = OwnProcessorTime();
            mails = Array.ConvertAll(mails, static mail => mail with { Search = EntryOf(mail) });
            making += OwnProcessorTime() - processor;
            var began = Stopwatch.GetTimestamp();
            await Task.WhenAll(mails.Select(mail => store.Inbound.AcceptAsync(mail, CancellationToken.None)));
            with += Stopwatch.GetElapsedTime(began);
            if (done >= few)
                continue;
            mails = [.. Enumerable.Range(messages + done, mails.Length).Select(number => Mail(text, other, number))];
            began = Stopwatch.GetTimestamp();
            await Task.WhenAll(mails.Select(mail => store.Inbound.AcceptAsync(mail, CancellationToken.None)));
            without += Stopwatch.GetElapsedTime(began);
        }
        return (making / messages, with / messages, without / few);
    }

    private static TimeSpan OwnProcessorTime()
    {
        using var self = Process.GetCurrentProcess();
        return self.TotalProcessorTime;
    }

    private static SearchEntry EntryOf(InboundMail mail)
    {
        var terms = new DocumentTermsBuilder();
        terms.Add(mail.Subject);
        terms.Add(SearchField.Subject, mail.Subject);
        terms.Add(mail.Content);
        foreach (var participant in mail.Participants)
        {
            terms.Add(participant.Identity);
            terms.Add(participant.Role == "sender" ? SearchField.From : SearchField.To, participant.Identity);
        }
        var vectors = new BuiltInVectors();
        return new SearchEntry(
            terms.ToArray(), terms.Length, HasAttachment: false, vectors.Model,
            MemoryMarshal.AsBytes<sbyte>(vectors.OfMessage(mail.Subject, mail.Content)).ToArray());
    }

    private static InboundMail Mail(SearchMailText text, Inbox inbox, long number)
    {
        var now = TimeProvider.System.GetUtcNow();
        var threadId = EntityId.NewSortable("conv_", now);
        var (subject, body) = (text.Subject(number), text.Body(number));
        return new InboundMail
        {
            Raw = new RawMessage(new byte[200], [], 200),
            Deliveries =
            [
                new InboundDelivery(
                    new InboxRoute(inbox.OrgId, inbox.Id, inbox.DomainId, inbox.Address), EntityId.NewSortable("msg_", now), threadId, ReplyToken.New(threadId), null, []),
            ],
            Subject = subject,
            SubjectKey = subject,
            IsReply = false,
            Participants = [new Participant("sender", $"person-{number % 1000}@sender.example", null), new Participant("to", inbox.Address, null)],
            Content = body,
            ContentHtml = null,
            Snippet = body[..100],
            SmtpMessageId = $"<{number}@sender.example>",
            InReplyTo = null,
            References = [],
            Attachments = [],
            RetryKey = null,
            ReceivedAt = now.ToUnixTimeMilliseconds(),
        };
    }
}
