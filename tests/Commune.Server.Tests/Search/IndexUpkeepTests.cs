using System.Diagnostics.Metrics;
using System.Text;
using Commune.Ai.Search;
using Commune.Peers;
using Commune.Server.Hosting;
using Commune.Server.Metrics;
using Commune.Server.Search;
using Commune.Server.Tests.Running;
using Commune.Storage;

namespace Commune.Server.Tests.Search;

/// <summary>The job that keeps an organisation's index in order, over a real store.</summary>
public abstract class IndexUpkeepTests(Engine engine) : IAsyncLifetime
{
    private readonly IndexMail index = new(new BuiltInVectors());
    private IStore store = null!;
    private Inbox inbox = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var settings = await engine.NewSettingsAsync();
        store = engine.OpenStore(settings);
        await FirstStart.RunAsync(store, new CommuneOptions { BootstrapApiKey = ApiKeySecret.New(), DataDirectory = settings.DataDirectory }, TimeProvider.System, Cancel);
        var domain = await store.Domains.GetSharedAsync(Cancel);
        inbox = await NewInboxAsync(domain);
    }

    public async ValueTask DisposeAsync()
    {
        await store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Waiting_terms_become_segments_and_are_found_as_before()
    {
        await FillAsync(inbox, 2100);
        var before = await FindAsync("zebra7 number");
        await UpkeepAsync();
        var plan = await store.SearchIndex.PlanAsync(inbox.OrgId, Cancel);
        Assert.Equal((2100, 0, false), (plan.MergedTo, plan.Waiting, plan.NeedsWork));
        Assert.Empty(await store.SearchIndex.ReadTailAsync(inbox.OrgId, 0, 10, Cancel));
        Assert.NotEmpty(before);
        Assert.Equal(before, await FindAsync("zebra7 number"));
    }

    [Fact]
    public async Task A_merge_goes_on_where_it_was_stopped_and_gives_the_same()
    {
        await FillAsync(inbox, 2100);
        await UpkeepAsync();
        var before = await FindAsync("zebra7 number");
        var source = Assert.Single((await store.SearchIndex.PlanAsync(inbox.OrgId, Cancel)).Segments);
        var job = await ClaimAsync();
        // As a crash in the middle leaves it: some terms are copied, and an earlier attempt of waiting terms was cut off too.
        var half = await store.SearchIndex.BeginSegmentAsync(job, source.First, source.Last, source.Documents, [source.Number], Cancel);
        await store.SearchIndex.WriteBlocksAsync(job, half!.Value, Repack(await store.SearchIndex.ReadBlocksAsync(inbox.OrgId, source.Number, [], 100_000, Cancel), 300), [], Cancel);
        await store.SearchIndex.BeginSegmentAsync(job, source.Last + 1, source.Last + 5, 5, [], Cancel);
        await store.Jobs.CompleteAsync(job, Cancel);

        await UpkeepAsync();
        var plan = await store.SearchIndex.PlanAsync(inbox.OrgId, Cancel);
        Assert.Equal((half.Value, SegmentState.Live), (Assert.Single(plan.Segments).Number, plan.Segments[0].State));
        Assert.Equal(before, await FindAsync("zebra7 number"));
        Assert.Empty(await store.SearchIndex.ReadBlocksAsync(inbox.OrgId, source.Number, [], 1000, Cancel));
    }

    [Fact]
    public async Task Words_of_deleted_mail_leave_the_segments()
    {
        var other = await NewInboxAsync(await store.Domains.GetSharedAsync(Cancel));
        await FillAsync(inbox, 2100);
        await FillAsync(other, 3, "walrus");
        await FillAsync(inbox, 2100);
        await UpkeepAsync();
        Assert.Contains("walrus0", await TermsAsync(), StringComparer.Ordinal);
        await DeleteAsync(other);
        Assert.True(await store.SearchIndex.NeedsWorkAsync(inbox.OrgId, Cancel));
        await UpkeepAsync();
        var terms = await TermsAsync();
        Assert.DoesNotContain(terms, static term => term.StartsWith("walrus", StringComparison.Ordinal));
        Assert.Contains("zebra7", terms, StringComparer.Ordinal);
        Assert.False(await store.SearchIndex.NeedsWorkAsync(inbox.OrgId, Cancel));
    }

    [Fact]
    public async Task Ten_segments_become_one()
    {
        for (var i = 0; i < SearchPlan.Fanout; i++)
        {
            await FillAsync(inbox, 2100);
            await UpkeepAsync();
        }
        var plan = await store.SearchIndex.PlanAsync(inbox.OrgId, Cancel);
        var only = Assert.Single(plan.Segments);
        Assert.Equal((1, 10 * 2100, 10 * 2100), (only.First, only.Last, only.Documents));
        Assert.Equal(10, (await FindAsync("zebra7")).Count);
        Assert.Equal(100, (await FindAsync("animal")).Count);
    }

    [Fact]
    public async Task While_mail_comes_in_the_work_is_put_off()
    {
        await FillAsync(inbox, 2100);
        var newest = (await store.SearchIndex.PlanAsync(inbox.OrgId, Cancel)).Newest;
        var time = new ManualTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(newest));
        await Upkeep(time).RunAsync(await ClaimAsync(), Cancel);
        Assert.Empty((await store.SearchIndex.PlanAsync(inbox.OrgId, Cancel)).Segments);
        time.Advance(TimeSpan.FromSeconds(2));
        await Upkeep(time).RunAsync(
            Assert.Single(await store.Jobs.ClaimAsync(JobKind.SearchIndex, 1, 1, time.UnixMilliseconds, TimeSpan.FromMinutes(5), Cancel)), Cancel);
        Assert.Single((await store.SearchIndex.PlanAsync(inbox.OrgId, Cancel)).Segments);
    }

    [Fact]
    public async Task Work_is_not_put_off_for_long()
    {
        await FillAsync(inbox, SearchPlan.ManyWait);
        var plan = await store.SearchIndex.PlanAsync(inbox.OrgId, Cancel);
        Assert.Equal(SearchPlan.ManyWait, plan.Waiting);
        Assert.False(plan.CanWait(plan.Newest));
        var few = plan with { Waiting = 0, Segments = [.. Enumerable.Range(1, 39).Select(static i => new SearchSegment(i, SegmentState.Live, i, i, 1, []))] };
        Assert.True(few.CanWait(plan.Newest));
        Assert.False((few with { Segments = [.. few.Segments, few.Segments[0]] }).CanWait(plan.Newest));
    }

    [Fact]
    public async Task Mail_of_an_earlier_version_is_indexed_and_mail_of_another_model_anew()
    {
        await FillAsync(inbox, 150, isIndexed: false);
        Assert.Empty(await FindAsync("zebra7"));
        await store.SearchIndex.UseModelAsync("an older model", Cancel);
        await store.SearchIndex.UseModelAsync(index.Model, Cancel);
        await FillAsync(inbox, 1, "newt", model: "an older model");
        await store.SearchIndex.UseModelAsync("an older model", Cancel);
        await store.SearchIndex.UseModelAsync(index.Model, Cancel);
        Assert.Contains(inbox.OrgId, await store.SearchIndex.ListForgottenAsync(10, Cancel), StringComparer.Ordinal);
        await UpkeepAsync();
        Assert.Single(await FindAsync("zebra7"));
        Assert.Single(await FindAsync("newt0"));
        Assert.Empty((await store.SearchIndex.ReadUnindexedAsync(inbox.OrgId, "", index.Model, 1000, Cancel)).Messages);
        Assert.DoesNotContain(inbox.OrgId, await store.SearchIndex.ListForgottenAsync(10, Cancel), StringComparer.Ordinal);
    }

    private async Task<Inbox> NewInboxAsync(Domain domain)
    {
        var made = new Inbox(domain.OrgId, EntityId.New("i_"), domain.Id, domain.Name, EntityId.New("b"), null, null, null, "active", 1);
        Assert.True(await store.Inboxes.CreateAsync(made, Cancel));
        return made;
    }

    private async Task FillAsync(Inbox into, int count, string word = "zebra", bool isIndexed = true, string? model = null)
    {
        var at = TimeProvider.System.GetUtcNow();
        await Task.WhenAll(Enumerable.Range(0, count).Select(i =>
        {
            var (subject, text) = ($"about {word}{i}", $"{word}{i} is animal number {i % 40}");
            Participant[] people = [new("sender", "kim@example.com", null)];
            var entry = index.EntryOf(subject, text, text, people, []);
            var threadId = EntityId.NewSortable("conv_", at);
            return store.Inbound.AcceptAsync(new InboundMail
            {
                Raw = new RawMessage(Encoding.UTF8.GetBytes(text), [], text.Length),
                Deliveries = [new InboundDelivery(new InboxRoute(into.OrgId, into.Id, into.DomainId, into.Address), EntityId.NewSortable("msg_", at), threadId, ReplyToken.New(threadId), null, [])],
                Subject = subject,
                SubjectKey = subject,
                IsReply = false,
                Participants = people,
                Content = text,
                ContentHtml = null,
                Snippet = text,
                SmtpMessageId = null,
                InReplyTo = null,
                References = [],
                Attachments = [],
                RetryKey = null,
                ReceivedAt = at.ToUnixTimeMilliseconds(),
                Search = isIndexed ? entry with { Model = model ?? entry.Model } : null,
            }, Cancel);
        }));
    }

    private async Task<Job> ClaimAsync()
    {
        await store.SearchIndex.AskAsync(inbox.OrgId, Cancel);
        return Assert.Single(await store.Jobs.ClaimAsync(
            JobKind.SearchIndex, 1, 1, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), TimeSpan.FromMinutes(5), Cancel));
    }

    private IndexUpkeep Upkeep(TimeProvider time) =>
        new(store, new MergeSegments(store), new PurgeDeleted(store), new IndexOlderMail(store, index), time);

    /// <summary>So many terms of the blocks, in one.</summary>
    private static List<TermBlock> Repack(IReadOnlyList<TermBlock> blocks, int terms)
    {
        var (writer, packed) = (new TermBlockWriter(), new List<TermBlock>());
        foreach (var block in blocks)
        {
            var entries = new TermEntries(block.First, block.Documents, block.Others.Span, new byte[TermEntries.LongestTerm]);
            for (; terms > 0 && entries.Read(); terms--)
            {
                if (writer.Add(entries.Term, entries.Documents, entries.Length < 0 ? block.Postings.Span : block.Postings.Span.Slice(entries.Start, entries.Length)) is { } full)
                    packed.Add(full);
            }
        }
        return [.. packed, writer.Take()!];
    }

    private async Task UpkeepAsync()
    {
        // An hour after the last mail came.
        var upkeep = Upkeep(new ManualTimeProvider(TimeProvider.System.GetUtcNow().AddHours(1)));
        for (var turn = 0; turn < 50; turn++)
        {
            await upkeep.RunAsync(await ClaimAsync(), Cancel);
            if (!await store.SearchIndex.NeedsWorkAsync(inbox.OrgId, Cancel))
                return;
        }
        Assert.Fail("The work does not end");
    }

    private async Task<List<string>> FindAsync(string query)
    {
        var vectors = new BuiltInVectors();
        var search = new SearchMail(store, index, new SearchCache(vectors, 1), vectors, new Traffic(new Meter("test")));
        var result = await search.SearchAsync(
            new SearchRequest(inbox.OrgId, query, inbox.Id, null, SearchFilters.None, ByThread: false, 100, null), Cancel);
        return [.. result.Hits.Select(static hit => $"{hit.Message.Subject} {hit.Score:R}")];
    }

    private async Task<List<string>> TermsAsync()
    {
        var terms = new List<string>();
        foreach (var segment in (await store.SearchIndex.PlanAsync(inbox.OrgId, Cancel)).Segments)
        {
            var reader = new SegmentReader(store.SearchIndex, inbox.OrgId, segment.Number);
            await reader.StartAsync([], Cancel);
            while (!reader.IsAtEnd)
            {
                do
                    terms.Add(Encoding.UTF8.GetString(reader.Term));
                while (reader.Advance());
                await reader.FillAsync(Cancel);
            }
        }
        return terms;
    }

    private async Task DeleteAsync(Inbox from)
    {
        var (id, now) = (EntityId.New("req_"), TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() + 60_000);
        await store.Deletions.CreateAsync(new DeletionTarget(from.OrgId, DeletionScope.Messages, from.Id, now), id, [1], [2], now, now + 1000, Cancel);
        Assert.Equal(DeletionConfirmation.Executing, await store.Deletions.ConfirmAsync(from.OrgId, id, [1], now, now, Cancel));
        while (!await store.Deletions.StepAsync(from.OrgId, id, now, Cancel))
        {
        }
    }
}

public sealed class SqliteIndexUpkeepTests(SqliteEngine engine) : IndexUpkeepTests(engine);

public sealed class PostgresIndexUpkeepTests(PostgresEngine engine) : IndexUpkeepTests(engine);
