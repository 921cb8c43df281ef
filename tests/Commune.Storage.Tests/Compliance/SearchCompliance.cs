using System.Text;
using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

public abstract class SearchCompliance(Engine engine) : StoreCompliance(engine)
{
    private static readonly byte[] Vector = [1, 255, 0, 7];

    private static SearchEntry Entry(string terms, string model = "m1") =>
        new(Encoding.UTF8.GetBytes(terms), terms.Length, HasAttachment: terms.Contains("file", StringComparison.Ordinal), model, Vector);

    /// <summary>A block of terms, each with as many documents as its postings have letters.</summary>
    private static TermBlock Block(params ReadOnlySpan<(string Term, string Postings)> terms)
    {
        var writer = new TermBlockWriter();
        foreach (var (term, postings) in terms)
            Assert.Null(writer.Add(Encoding.UTF8.GetBytes(term), postings.Length, Encoding.UTF8.GetBytes(postings)));
        return writer.Take()!;
    }

    private static string TextOf(TermBlock? block)
    {
        if (block is null)
            return "";
        var (text, room) = (new List<string>(), new byte[TermEntries.LongestTerm]);
        var entries = new TermEntries(block.First, block.Documents, block.Others.Span, room);
        while (entries.Read())
        {
            var postings = block.Postings.Span[entries.Start..];
            text.Add($"{Encoding.UTF8.GetString(entries.Term)}={Encoding.UTF8.GetString(entries.Length < 0 ? postings : postings[..entries.Length])}");
        }
        return string.Join(' ', text);
    }

    private async Task<AcceptedDelivery> ReceiveAsync(Inbox inbox, string? terms, int node = 0, string subject = "Hello") =>
        Assert.Single(await Node(node).Inbound.AcceptAsync(
            Tenant.Inbound(new Letter { Subject = subject }, Now, inbox) with { Search = terms is null ? null : Entry(terms) }, Cancel));

    private async Task<Job> ClaimAsync(Tenant tenant)
    {
        await Store.SearchIndex.AskAsync(tenant.OrgId, Cancel);
        return (await Store.Jobs.ClaimAsync(JobKind.SearchIndex, 10_000, 10_000, Now, TimeSpan.FromMinutes(5), Cancel)).Single(job => job.OrgId == tenant.OrgId);
    }

    private async Task<(Tenant Tenant, Inbox Inbox)> BeginAsync()
    {
        var tenant = await NewTenantAsync();
        return (tenant, await tenant.AddInboxAsync());
    }

    [Fact]
    public async Task Received_and_sent_messages_are_numbered_in_commit_order_with_what_the_index_keeps()
    {
        var (tenant, inbox) = await BeginAsync();
        var received = await ReceiveAsync(inbox, "one file");
        var sent = tenant.Outgoing(inbox, "bob@far.example") with { Search = Entry("two") };
        var queued = await tenant.SendAsync(sent);

        var index = await IndexReading.OfAsync(Store, tenant.OrgId);
        Assert.Equal(2, index.State.Documents);
        Assert.Equal([(1, "one file"), (2, "two")], index.Waiting);
        Assert.Equal([ThreadKey.Of(received.ThreadId), ThreadKey.Of(queued.ThreadId)], index.Documents.Select(static row => row.Thread));
        var first = index.Documents[0];
        Assert.Equal((1, inbox.Id, 8, true, "m1"), (first.Document, first.InboxId, first.Length, first.HasAttachment, first.Model));
        Assert.Equal((await tenant.MessageAsync(received.MessageId)).CreatedAt, first.At);
        Assert.Equal(Vector, first.Vector);
        Assert.False(index.Documents[1].HasAttachment);

        var later = await IndexReading.OfAsync(Store, tenant.OrgId, afterDocument: 1, afterTail: 2);
        Assert.Equal([2], later.Documents.Select(static row => row.Document));
        Assert.Empty(later.Waiting);
    }

    [Fact]
    public async Task Writers_at_several_nodes_number_without_gaps()
    {
        var (tenant, inbox) = await BeginAsync();
        await AllAtOnceAsync(60, i => ReceiveAsync(inbox, $"t{i}", i));
        var index = await IndexReading.OfAsync(Node(1), tenant.OrgId);
        Assert.Equal(Enumerable.Range(1, 60).Select(static i => (long)i), index.Documents.Select(static row => row.Document));
        Assert.Equal(60, index.Waiting.Select(static row => row.Terms).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Each_organisation_has_an_index_of_its_own()
    {
        var (one, inboxOne) = await BeginAsync();
        var (two, inboxTwo) = await BeginAsync();
        await ReceiveAsync(inboxOne, "one");
        await ReceiveAsync(inboxTwo, "two");
        Assert.Equal([(1, "one")], (await IndexReading.OfAsync(Store, one.OrgId)).Waiting);
        Assert.Equal([(1, "two")], (await IndexReading.OfAsync(Store, two.OrgId)).Waiting);
        var job = await ClaimAsync(one);
        var segment = await Store.SearchIndex.BeginSegmentAsync(job, 1, 1, 1, [], Cancel);
        Assert.True(await Store.SearchIndex.WriteBlocksAsync(job, segment!.Value, [Block(("word", "a"))], [], Cancel));
        Assert.True(await Store.SearchIndex.FinishSegmentAsync(job, segment.Value, Cancel));
        Assert.Equal(["0:a"], (await IndexReading.OfAsync(Store, one.OrgId, terms: "word")).Found);
        Assert.Empty((await IndexReading.OfAsync(Store, two.OrgId, terms: "word")).Found);
        Assert.Empty(await Store.Search.FindAsync(two.OrgId, [2], Cancel));
        Assert.Equal(inboxOne.Id, Assert.Single(await Store.Search.FindAsync(one.OrgId, [1], Cancel)).Thread.InboxId);
    }

    [Fact]
    public async Task A_segment_is_read_when_it_is_finished_and_in_place_of_what_it_was_made_of()
    {
        var (tenant, inbox) = await BeginAsync();
        for (var i = 1; i <= 3; i++)
            await ReceiveAsync(inbox, $"t{i}");
        var job = await ClaimAsync(tenant);
        var index = Store.SearchIndex;
        Assert.Equal([1L, 2L], (await index.ReadTailAsync(tenant.OrgId, 0, 2, Cancel)).Select(static row => row.Document));

        var first = (await index.BeginSegmentAsync(job, 1, 2, 2, [], Cancel))!.Value;
        Assert.True(await index.WriteBlocksAsync(job, first, [Block(("alpha", "ab"), ("beta", "c")), Block(("gamma", "d"))], [], Cancel));
        var reading = await IndexReading.OfAsync(Store, tenant.OrgId, terms: ["alpha", "none"]);
        Assert.Empty(reading.Found);
        Assert.Equal(3, reading.Waiting.Count);

        Assert.True(await index.FinishSegmentAsync(job, first, Cancel));
        reading = await IndexReading.OfAsync(Store, tenant.OrgId, terms: ["alpha", "none"]);
        Assert.Equal(["0:ab"], reading.Found);
        Assert.Equal([2L, 0L], reading.Counts);
        Assert.Equal([(3, "t3")], reading.Waiting);
        Assert.Equal((2, 3), (reading.State.MergedTo, reading.State.Documents));

        var second = (await index.BeginSegmentAsync(job, 1, 2, 2, [first], Cancel))!.Value;
        Assert.Equal(["alpha=ab beta=c", "gamma=d"], (await index.ReadBlocksAsync(tenant.OrgId, first, [], 1000, Cancel)).Select(TextOf));
        Assert.Equal(["alpha=ab beta=c"], (await index.ReadBlocksAsync(tenant.OrgId, first, [], 1, Cancel)).Select(TextOf));
        Assert.Equal(["gamma=d"], (await index.ReadBlocksAsync(tenant.OrgId, first, "alpha"u8.ToArray(), 1000, Cancel)).Select(TextOf));
        Assert.Equal("", TextOf(await index.FindBlockAsync(tenant.OrgId, first, "al"u8.ToArray(), Cancel)));
        Assert.Equal("alpha=ab beta=c", TextOf(await index.FindBlockAsync(tenant.OrgId, first, "betty"u8.ToArray(), Cancel)));
        Assert.Equal("gamma=d", TextOf(await index.FindBlockAsync(tenant.OrgId, first, null, Cancel)));
        Assert.True(await index.WriteBlocksAsync(job, second, [Block(("alpha", "x"), ("alps", "w"), ("beta", "y")), Block(("delta", "v"))], [], Cancel));
        Assert.True(await index.WriteBlocksAsync(job, second, [Block(("alpha", "z"), ("alps", "w"))], ["alpha"u8.ToArray(), "delta"u8.ToArray()], Cancel));
        Assert.Equal("alpha=z alps=w", TextOf(await index.FindBlockAsync(tenant.OrgId, second, null, Cancel)));
        Assert.True(await index.FinishSegmentAsync(job, second, Cancel));
        Assert.Equal(["0:z", "2:w"], (await IndexReading.OfAsync(Store, tenant.OrgId, terms: ["alpha", "beta", "alps"])).Found);
        Assert.Equal(["alpha", "alps"], (await Store.Search.ListTermsAsync(
            tenant.OrgId, [new TermRange("a"u8.ToArray(), "b"u8.ToArray()), new TermRange("alp"u8.ToArray(), "alq"u8.ToArray()), new TermRange("x"u8.ToArray(), "z"u8.ToArray())], 10, Cancel)).Select(Encoding.UTF8.GetString));

        while ((await index.PlanAsync(tenant.OrgId, Cancel)).NeedsWork)
            Assert.True(await index.CleanAsync(job, Cancel));
        Assert.Equal(second, Assert.Single((await index.PlanAsync(tenant.OrgId, Cancel)).Segments).Number);
        Assert.Empty(await index.ReadBlocksAsync(tenant.OrgId, first, [], 1000, Cancel));
        Assert.Equal([3L], (await index.ReadTailAsync(tenant.OrgId, 0, 10, Cancel)).Select(static row => row.Document));
    }

    [Fact]
    public async Task Terms_of_many_blocks_are_found_with_their_postings()
    {
        var (tenant, inbox) = await BeginAsync();
        await ReceiveAsync(inbox, "t");
        var job = await ClaimAsync(tenant);
        var segment = (await Store.SearchIndex.BeginSegmentAsync(job, 1, 1, 1, [], Cancel))!.Value;
        var (writer, blocks) = (new TermBlockWriter(), new List<TermBlock>());
        // Some have more postings than a block has room for.
        for (var i = 1000; i < 4000; i++)
        {
            if (writer.Add(Encoding.UTF8.GetBytes($"term{i}"), i, Encoding.UTF8.GetBytes(PostingsOf(i))) is { } full)
                blocks.Add(full);
        }
        blocks.Add(writer.Take()!);
        Assert.InRange(blocks.Count, 10, 200);
        Assert.True(await Store.SearchIndex.WriteBlocksAsync(job, segment, blocks, [], Cancel));
        Assert.True(await Store.SearchIndex.FinishSegmentAsync(job, segment, Cancel));

        int[] asked = [.. Enumerable.Range(1000, 3000).Where(static i => i % 37 == 0 || i % 500 is 499 or 0 or 1)];
        var reading = await IndexReading.OfAsync(Store, tenant.OrgId, terms: [.. asked.Select(static i => $"term{i}"), "term", "term1000a", "term9"]);
        Assert.Equal(asked.Select(static (i, place) => $"{place}:{PostingsOf(i)}"), reading.Found);
        Assert.Equal([.. asked.Select(static i => (long)i), 0, 0, 0], reading.Counts);
        var listed = await Store.Search.ListTermsAsync(tenant.OrgId, [new TermRange("term15"u8.ToArray(), "term33"u8.ToArray())], 1500, Cancel);
        Assert.Equal(Enumerable.Range(1500, 1500).Select(static i => $"term{i}"), listed.Select(Encoding.UTF8.GetString));

        static string PostingsOf(int i) => i % 500 == 0 ? string.Concat(Enumerable.Repeat($"{i}.", 4000)) : $"<{i}>";
    }

    [Fact]
    public async Task Deleted_messages_leave_the_index_and_nodes_hear_of_it()
    {
        var (tenant, inbox) = await BeginAsync();
        var other = await tenant.AddInboxAsync();
        await ReceiveAsync(inbox, "one");
        await ReceiveAsync(other, "two");
        await ReceiveAsync(inbox, "three");
        Time.Advance(TimeSpan.FromSeconds(1));
        var id = EntityId.New("req_");
        var target = new DeletionTarget(tenant.OrgId, DeletionScope.Messages, inbox.Id, Now + 1);
        await Store.Deletions.CreateAsync(target, id, [1], [2], Now, Now + 1000, Cancel);
        Assert.Equal(DeletionConfirmation.Executing, await Store.Deletions.ConfirmAsync(tenant.OrgId, id, [1], Now, Now, Cancel));
        while (!await Store.Deletions.StepAsync(tenant.OrgId, id, Now, Cancel))
        {
        }

        var index = await IndexReading.OfAsync(Node(1), tenant.OrgId);
        Assert.Equal([2L], index.Documents.Select(static row => row.Document));
        Assert.Equal([(2, "two")], index.Waiting);
        Assert.Equal([1L, 3L], index.Gone.Order());
        Assert.Equal((3, 1), (index.State.Documents, index.State.Deletions));
        Assert.Equal([2L], (await Store.Search.FindAsync(tenant.OrgId, [1, 2, 3], Cancel)).Select(static found => found.Document));
        Assert.Empty((await IndexReading.OfAsync(Store, tenant.OrgId, afterDeletion: 1)).Gone);

        var plan = await Store.SearchIndex.PlanAsync(tenant.OrgId, Cancel);
        Assert.Equal((true, 1), (plan.NeedsWork, plan.Deletion));
        Assert.True(await Store.SearchIndex.FinishDeletionsAsync(await ClaimAsync(tenant), 1, Cancel));
        Assert.False(await Store.SearchIndex.NeedsWorkAsync(tenant.OrgId, Cancel));
        await ReceiveAsync(inbox, "four");
        Assert.Equal([2L, 4L], (await IndexReading.OfAsync(Store, tenant.OrgId)).Documents.Select(static row => row.Document));
    }

    private async Task<Job> ClaimReadingAsync(Tenant tenant, TimeSpan lease) =>
        (await Store.Jobs.ClaimAsync(JobKind.ReadAttachments, 10_000, 10_000, Now, lease, Cancel)).Single(job => job.OrgId == tenant.OrgId);

    private Task<AcceptedDelivery> ReceiveWithFileAsync(Inbox inbox) => ReceiveAsync(inbox, Entry("body file") with { ReadsAttachments = true });

    private async Task<AcceptedDelivery> ReceiveAsync(Inbox inbox, SearchEntry entry) =>
        Assert.Single(await Store.Inbound.AcceptAsync(Tenant.Inbound(new Letter { Subject = "Hello" }, Now, inbox) with { Search = entry }, Cancel));

    [Fact]
    public async Task A_file_that_was_read_is_a_document_of_its_message_and_is_there_once()
    {
        var (tenant, inbox) = await BeginAsync();
        var stored = await ReceiveWithFileAsync(inbox);
        await ReceiveAsync(inbox, "other");
        var job = await ClaimReadingAsync(tenant, TimeSpan.FromSeconds(1));
        Assert.Equal(stored.MessageId, job.Payload);
        ReadAttachment[] files = [new("att_1", "words of the file", Entry("words file"))];
        Assert.False(await Store.AttachmentTexts.RecordAsync(job with { Lease = "lease_other" }, stored.MessageId, files, Cancel));
        Assert.Empty((await IndexReading.OfAsync(Store, tenant.OrgId)).Files);

        // The worker died before it recorded anything; another one reads again.
        Time.Advance(TimeSpan.FromSeconds(2));
        var again = await ClaimReadingAsync(tenant, TimeSpan.FromMinutes(5));
        Assert.True(await Store.AttachmentTexts.RecordAsync(again, stored.MessageId, files, Cancel));
        Assert.False(await Store.AttachmentTexts.RecordAsync(job, stored.MessageId, files, Cancel));
        Assert.False(await Store.AttachmentTexts.RecordAsync(again, stored.MessageId, files, Cancel));
        var index = await IndexReading.OfAsync(Node(1), tenant.OrgId);
        Assert.Equal([(3L, 1L)], index.Files);
        Assert.Equal([(1, "body file"), (2, "other"), (3, "words file")], index.Waiting);
        Assert.Equal((index.Documents[0].Thread, index.Documents[0].At), (index.Documents[2].Thread, index.Documents[2].At));
        Assert.Equal(stored.MessageId, Assert.Single(await Store.Search.FindAsync(tenant.OrgId, [3], Cancel)).MessageId);
    }

    [Fact]
    public async Task A_message_that_is_indexed_anew_has_its_files_read_anew()
    {
        var (tenant, inbox) = await BeginAsync();
        var stored = await ReceiveWithFileAsync(inbox);
        ReadAttachment[] files = [new("att_1", "words of the file", Entry("words file"))];
        Assert.True(await Store.AttachmentTexts.RecordAsync(await ClaimReadingAsync(tenant, TimeSpan.FromMinutes(5)), stored.MessageId, files, Cancel));
        Assert.True(await Store.SearchIndex.IndexAsync(
            await ClaimAsync(tenant), [(stored.MessageId, Entry("anew file", "m2") with { ReadsAttachments = true })], null, Cancel));
        var index = await IndexReading.OfAsync(Store, tenant.OrgId);
        Assert.Equal([(3, "anew file")], index.Waiting);
        Assert.Equal([1L, 2L], index.Gone.Order());
        Assert.True(await Store.AttachmentTexts.RecordAsync(await ClaimReadingAsync(tenant, TimeSpan.FromMinutes(5)), stored.MessageId, files, Cancel));
        Assert.Equal([(4L, 3L)], (await IndexReading.OfAsync(Store, tenant.OrgId)).Files);
        // The file is of the old model, its message of the new one: the message counts.
        Assert.Empty((await Store.SearchIndex.ReadUnindexedAsync(tenant.OrgId, "", "m2", 10, Cancel)).Messages);
    }

    [Fact]
    public async Task Files_of_a_message_that_is_gone_are_not_kept()
    {
        var (tenant, _) = await BeginAsync();
        await Store.Jobs.AddAsync(new NewJob("attachments_" + EntityId.New("msg_"), JobKind.ReadAttachments, tenant.OrgId, tenant.OrgId, "msg_gone", Now), Cancel);
        var job = await ClaimReadingAsync(tenant, TimeSpan.FromMinutes(5));
        Assert.True(await Store.AttachmentTexts.RecordAsync(job, "msg_gone", [new("att_1", "words", Entry("words file"))], Cancel));
        Assert.Empty((await IndexReading.OfAsync(Store, tenant.OrgId)).Documents);
        Assert.False(await Store.Jobs.CompleteAsync(job, Cancel));
    }

    private static VectorModel Model(string id) => new(id, "p https://one.example", id, 0);

    private async Task<Job> ClaimVectorsAsync(Tenant tenant) =>
        (await Store.Jobs.ClaimAsync(JobKind.EmbedMail, 10_000, 10_000, Now, TimeSpan.FromMinutes(5), Cancel)).Single(job => job.OrgId == tenant.OrgId);

    [Fact]
    public async Task Vectors_of_a_model_are_made_in_the_order_of_documents_and_go_with_them()
    {
        var (tenant, inbox) = await BeginAsync();
        await ReceiveAsync(inbox, Entry("one") with { NeedsVector = true });
        await ReceiveAsync(inbox, Entry("two") with { NeedsVector = true });
        var job = await ClaimVectorsAsync(tenant);
        var vectors = Store.SearchVectors;
        var (waiting, upTo) = await vectors.ReadWaitingAsync(tenant.OrgId, "p:a", 10, Cancel);
        Assert.Equal([(1, "Hello", "Hello there", false), (2, "Hello", "Hello there", false)], waiting.Select(static row => (row.Document, row.Title, row.Text, row.IsFile)));
        Assert.Equal(2, upTo);
        Assert.False(await vectors.RecordAsync(job with { Lease = "lease_other" }, Model("p:a"), [new(1, Vector)], new VectorPlace(1, false), Cancel));
        Assert.True(await vectors.RecordAsync(job, Model("p:a"), [new(1, Vector)], new VectorPlace(1, false), Cancel));
        Assert.Equal([2L], (await vectors.ReadWaitingAsync(tenant.OrgId, "p:a", 10, Cancel)).Documents.Select(static row => row.Document));
        Assert.Equal(new VectorPlace(1, false), (await vectors.ReadAsync(tenant.OrgId, "p:a", 0, 10, Cancel)).Place);
        Assert.True(await vectors.RecordAsync(job, Model("p:a"), [new(2, [3, 4, 5, 6]), new(9, [5, 5, 5, 5])], new VectorPlace(2, true), Cancel));
        var (place, read) = await vectors.ReadAsync(tenant.OrgId, "p:a", 0, 10, Cancel);
        Assert.Equal(new VectorPlace(2, true), place);
        Assert.Equal([(1L, "01FF0007"), (2L, "03040506")], read.Select(static row => (row.Document, Convert.ToHexString(row.Vector))));

        // Another model begins anew, and the old one serves until it is ready.
        Assert.Equal(2, (await vectors.ReadWaitingAsync(tenant.OrgId, "p:b", 10, Cancel)).Documents.Count);
        Assert.True(await vectors.RecordAsync(job, Model("p:b"), [new(1, Vector)], new VectorPlace(1, false), Cancel));
        Assert.Equal(2, (await vectors.ReadAsync(tenant.OrgId, "p:a", 0, 10, Cancel)).Vectors.Count);
        Assert.True(await vectors.RecordAsync(job, Model("p:b"), [new(2, Vector)], new VectorPlace(2, true), Cancel));
        Assert.False(await vectors.DropOthersAsync(job, "p:b", 10, Cancel));
        Assert.Empty((await vectors.ReadAsync(tenant.OrgId, "p:a", 0, 10, Cancel)).Vectors);

        Assert.DoesNotContain(tenant.OrgId, await vectors.ListBehindAsync("p:c", 10_000, Cancel), StringComparer.Ordinal);
        Assert.True(await Store.Jobs.CompleteAsync(job, Cancel));
        Assert.Contains(tenant.OrgId, await vectors.ListBehindAsync("p:c", 10_000, Cancel), StringComparer.Ordinal);
        Assert.DoesNotContain(tenant.OrgId, await vectors.ListBehindAsync("p:b", 10_000, Cancel), StringComparer.Ordinal);

        Assert.True(await Store.SearchIndex.IndexAsync(await ClaimAsync(tenant), [((await Store.Search.FindAsync(tenant.OrgId, [1], Cancel))[0].MessageId, Entry("anew"))], null, Cancel));
        Assert.Equal([2L], (await vectors.ReadAsync(tenant.OrgId, "p:b", 0, 10, Cancel)).Vectors.Select(static row => row.Document));
    }

    [Fact]
    public async Task Nothing_changes_without_the_lease()
    {
        var (tenant, inbox) = await BeginAsync();
        await ReceiveAsync(inbox, "one");
        var job = await ClaimAsync(tenant);
        var segment = (await Store.SearchIndex.BeginSegmentAsync(job, 1, 1, 1, [], Cancel))!.Value;
        var lost = job with { Lease = "lease_other" };
        Assert.Null(await Store.SearchIndex.BeginSegmentAsync(lost, 1, 1, 1, [], Cancel));
        Assert.False(await Store.SearchIndex.WriteBlocksAsync(lost, segment, [Block(("a", "b"))], [], Cancel));
        Assert.False(await Store.SearchIndex.FinishSegmentAsync(lost, segment, Cancel));
        Assert.False(await Store.SearchIndex.CleanAsync(lost, Cancel));
        Assert.False(await Store.SearchIndex.FinishDeletionsAsync(lost, 1, Cancel));
        Assert.False(await Store.SearchIndex.IndexAsync(lost, [], null, Cancel));
        Assert.Empty(await Store.SearchIndex.ReadBlocksAsync(tenant.OrgId, segment, [], 1000, Cancel));
    }

    [Fact]
    public async Task Mail_that_is_not_indexed_is_read_for_it_and_indexed_once()
    {
        var (tenant, inbox) = await BeginAsync();
        var stored = await ReceiveAsync(inbox, terms: null, subject: "Old");
        await ReceiveAsync(inbox, "known");
        var (messages, last) = await Store.SearchIndex.ReadUnindexedAsync(tenant.OrgId, "", "m1", 10, Cancel);
        var message = Assert.Single(messages);
        Assert.Equal((stored.MessageId, "Old", "Hello there"), (message.Id, message.Subject, message.Content));
        Assert.Equal(2, (await Store.SearchIndex.ReadUnindexedAsync(tenant.OrgId, "", "m2", 10, Cancel)).Messages.Count);

        var job = await ClaimAsync(tenant);
        Assert.True(await Store.SearchIndex.IndexAsync(job, [(stored.MessageId, Entry("old")), ("msg_gone", Entry("gone"))], last, Cancel));
        Assert.Empty((await Store.SearchIndex.ReadUnindexedAsync(tenant.OrgId, "", "m1", 10, Cancel)).Messages);
        Assert.Null((await Store.SearchIndex.ReadUnindexedAsync(tenant.OrgId, last!, "m1", 10, Cancel)).Last);
        Assert.Equal(["known", "old"], (await IndexReading.OfAsync(Store, tenant.OrgId)).Waiting.Select(static row => row.Terms));

        Assert.True(await Store.SearchIndex.IndexAsync(job, [(stored.MessageId, Entry("anew"))], last, Cancel));
        var index = await IndexReading.OfAsync(Store, tenant.OrgId);
        Assert.Equal(["known", "anew"], index.Waiting.Select(static row => row.Terms));
        Assert.Equal([2L], index.Gone);
        await ReceiveAsync(inbox, "next");
        Assert.Equal([1L, 3L, 4L], (await IndexReading.OfAsync(Store, tenant.OrgId)).Documents.Select(static row => row.Document));
    }

    [Fact]
    public async Task Threads_are_found_by_their_triage()
    {
        var (tenant, inbox) = await BeginAsync();
        var threads = new List<string>();
        foreach (var subject in (string[])["a", "b", "c"])
            threads.Add((await ReceiveAsync(inbox, "x", subject: subject)).ThreadId);
        await Store.Threads.ChangeTriageAsync(tenant.OrgId, threads[0], new TriageChange(Status: "waiting", AddTags: ["vip", "it's"]), Now, Cancel);
        await Store.Threads.ChangeTriageAsync(tenant.OrgId, threads[1], new TriageChange(AddTags: ["vip"]), Now, Cancel);

        Assert.Equal([threads[0]], await LetThroughAsync("waiting", null));
        Assert.Equal([threads[1], threads[2]], await LetThroughAsync("open", null));
        Assert.Equal([threads[0], threads[1]], await LetThroughAsync(null, "vip"));
        Assert.Equal([threads[0]], await LetThroughAsync(null, "it's"));
        Assert.Equal([threads[1]], await LetThroughAsync("open", "vip"));
        Assert.Empty(await LetThroughAsync("closed", "vip"));
        Assert.Empty(await LetThroughAsync(null, "VIP"));
        Assert.Equal([inbox.Id], await Store.Search.ListInboxesAsync(tenant.OrgId, tenant.Domain.Id, Cancel));

        async Task<IEnumerable<string>> LetThroughAsync(string? status, string? tag)
        {
            var through = await Store.Search.FindThreadsAsync(tenant.OrgId, status, tag, Cancel);
            return threads.Where(id => through.LetsThrough(ThreadKey.Of(id)));
        }
    }

    [Fact]
    public async Task The_job_is_asked_for_as_documents_come_and_there_is_one()
    {
        var (tenant, inbox) = await BeginAsync();
        for (var i = 0; i < 1100; i += 100)
            await AllAtOnceAsync(100, _ => ReceiveAsync(inbox, "t"));
        var jobs = await Store.Jobs.ClaimAsync(JobKind.SearchIndex, 10_000, 10_000, Now, TimeSpan.FromMinutes(5), Cancel);
        var job = Assert.Single(jobs, job => job.OrgId == tenant.OrgId);
        await Store.SearchIndex.AskAsync(tenant.OrgId, Cancel);
        Assert.True(await Store.Jobs.CompleteAsync(job, Cancel));
        Assert.DoesNotContain(
            await Store.Jobs.ClaimAsync(JobKind.SearchIndex, 10_000, 10_000, Now, TimeSpan.FromMinutes(5), Cancel), other => other.OrgId == tenant.OrgId);
    }
}
