using System.Diagnostics;
using System.Globalization;
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
        var (inboxId, present) = ReadKept(home);
        if (inboxId.Length == 0)
        {
            await using var server = await ServerProcess.StartAsync(options, home);
            inboxId = (await server.CreateInboxAsync()).Id;
        }

        Console.WriteLine($"{options.Engine}, {Environment.ProcessorCount} cores, {messages} messages of 180 words in one inbox");
        if (present < messages)
        {
            var cost = await FillAsync(options, home, inboxId, present, messages);
            Console.WriteLine($"  making the entry             {cost.Making.TotalMicroseconds:0} µs of processor time a message ({cost.MakingLong.TotalMicroseconds:0} µs with five times the text)");
            Console.WriteLine($"  storing with it, without it  {cost.With.TotalMicroseconds:0} µs, {cost.Without.TotalMicroseconds:0} µs a message (groups of {AtOnce})");
        }

        await using var filled = await ServerProcess.StartAsync(options, home);
        var upkeep = await RestAsync(filled);
        if (present < messages)
            Console.WriteLine($"  merging                      {upkeep.TotalMicroseconds / (messages - present):0} µs of processor time a message that is new");
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

    private static string KeptPath(ServerHome home) => System.IO.Path.Combine(home.Directory, "search-load.txt");

    private static Task KeepAsync(ServerHome home, string inboxId, int messages) =>
        File.WriteAllTextAsync(KeptPath(home), string.Create(CultureInfo.InvariantCulture, $"{inboxId} {messages}"));

    /// <summary>The inbox that an earlier run has filled, and with how many messages.</summary>
    private static (string InboxId, int Messages) ReadKept(ServerHome home)
    {
        if (!File.Exists(KeptPath(home)))
            return ("", 0);
        var kept = File.ReadAllText(KeptPath(home)).Split(' ');
        return (kept[0], int.Parse(kept[1], CultureInfo.InvariantCulture));
    }

    private static string Path(string inboxId, string query) => $"/v1/search/threads?inbox_id={inboxId}&q={Uri.EscapeDataString(query)}";

    /// <summary>Waits until the server has nothing left to do, and tells what it took.</summary>
    private static async Task<TimeSpan> RestAsync(ServerProcess server)
    {
        var (start, last) = (server.ProcessorTime(), TimeSpan.Zero);
        // Work is put off for two seconds after mail came.
        for (var idle = 0; idle < 3;)
        {
            await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, CancellationToken.None);
            var now = server.ProcessorTime();
            idle = now - last < TimeSpan.FromMilliseconds(60) ? idle + 1 : 0;
            last = now;
        }
        return last - start;
    }

    private static async Task<(TimeSpan Making, TimeSpan MakingLong, TimeSpan With, TimeSpan Without)> FillAsync(
        LoadOptions options, ServerHome home, string inboxId, int present, int messages)
    {
        var (making, makingLong) = MeasureMaking();
        await using IStore store = home.Connection is { } connection
            ? new PostgresStore(new PostgresStoreSettings(connection), TimeProvider.System)
            : new SqliteStore(new SqliteStoreSettings(home.Directory), TimeProvider.System);
        await store.MigrateAsync(CancellationToken.None);
        var domain = await store.Domains.GetSharedAsync(CancellationToken.None);
        var inbox = await store.Inboxes.GetAsync(domain.OrgId, inboxId, CancellationToken.None) ?? throw new LoadException("The inbox is not there.");
        // Another organisation's mail, to know what the same costs without an index.
        var text = new SearchMailText(1 + present);
        var (with, without) = (TimeSpan.Zero, TimeSpan.Zero);
        var few = Math.Min(messages - present, 10_000);
        var other = inbox with { Id = EntityId.New("i_"), LocalPart = EntityId.New("other") };
        await store.Inboxes.CreateAsync(other, CancellationToken.None);
        for (var done = 0; done < few; done += AtOnce)
        {
            with += await StoreAsync(store, Mails(text, inbox, present + done, Math.Min(AtOnce, few - done)));
            var mails = Mails(text, other, messages + done, Math.Min(AtOnce, few - done));
            without += await StoreAsync(store, Array.ConvertAll(mails, static mail => mail with { Search = null }));
        }
        // The others are not measured, and made while those before them are stored.
        var storing = Task.CompletedTask;
        for (var done = present + few; done < messages; done += AtOnce)
        {
            var mails = Mails(text, inbox, done, Math.Min(AtOnce, messages - done));
            await storing;
            await KeepAsync(home, inboxId, done);
            storing = StoreAsync(store, mails);
        }
        await storing;
        await KeepAsync(home, inboxId, messages);
        return (making, makingLong, with / few, without / few);
    }

    private static InboundMail[] Mails(SearchMailText text, Inbox inbox, int first, int count) =>
    [
        .. Enumerable.Range(first, count).Select(number =>
        {
            var mail = Mail(text, inbox, number);
            return mail with { Search = EntryOf(mail) };
        }),
    ];

    private static async Task<TimeSpan> StoreAsync(IStore store, InboundMail[] mails)
    {
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(mails.Select(mail => store.Inbound.AcceptAsync(mail, CancellationToken.None)));
        return Stopwatch.GetElapsedTime(began);
    }

    /// <summary>What an entry costs while nothing else runs in this process: of the mails of this load, and with five times their text.</summary>
    private static (TimeSpan Making, TimeSpan MakingLong) MeasureMaking()
    {
        const int Rounds = 8;
        var text = new SearchMailText(3);
        var inbox = new Inbox("org", "i_load", "d_load", "load.example", "load", null, null, null, "active", 1);
        var mails = Enumerable.Range(0, 1000).Select(number => Mail(text, inbox, number)).ToArray();
        var longMails = mails[..200].Select(mail => mail with { Content = string.Concat(Enumerable.Range(0, 5).Select(part => text.Body(part))) }).ToArray();
        return (Measure(mails), Measure(longMails));

        static TimeSpan Measure(InboundMail[] mails)
        {
            var least = TimeSpan.MaxValue;
            for (var round = 0; round < Rounds; round++)
            {
                var before = OwnProcessorTime();
                foreach (var mail in mails)
                    EntryOf(mail);
                var took = OwnProcessorTime() - before;
                least = took < least ? took : least;
            }
            return least / mails.Length;
        }
    }

    private static TimeSpan OwnProcessorTime()
    {
        using var self = Process.GetCurrentProcess();
        return self.TotalProcessorTime;
    }

    private static SearchEntry EntryOf(InboundMail mail)
    {
        using var terms = new DocumentTermsBuilder(mail.Content);
        terms.AddWithMeaning(mail.Subject, mail.Subject.Length);
        terms.Add(SearchField.Subject, mail.Subject);
        terms.AddWithMeaning(mail.Content, mail.Content.Length);
        foreach (var participant in mail.Participants)
        {
            terms.Add(participant.Identity);
            terms.Add(participant.Role == "sender" ? SearchField.From : SearchField.To, participant.Identity);
        }
        var vectors = new BuiltInVectors();
        return new SearchEntry(
            terms.ToArray(), terms.Length, HasAttachment: false, vectors.Model,
            MemoryMarshal.AsBytes<sbyte>(vectors.OfMessage(terms)).ToArray());
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
