using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

/// <summary>How far a search engine beside the store has followed an organisation's vectors.</summary>
public abstract class VectorMirrorCompliance(Engine engine) : StoreCompliance(engine)
{
    private const string Target = "qdrant http://one.example";
    private static readonly VectorModel Model = new("p:a", "p https://one.example", "a", 0);

    private async Task<(Tenant Tenant, Inbox Inbox)> BeginAsync(int messages)
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        for (var i = 0; i < messages; i++)
        {
            await Store.Inbound.AcceptAsync(
                Tenant.Inbound(new Letter { Subject = $"s{i}" }, Now, inbox) with { Search = new SearchEntry("t"u8.ToArray(), 1, false, "m", new byte[] { 1 }) }, Cancel);
        }
        return (tenant, inbox);
    }

    private async Task<Job> ClaimAsync(Tenant tenant, string kind) =>
        (await Store.Jobs.ClaimAsync(kind, 10_000, 10_000, Now, TimeSpan.FromMinutes(5), Cancel)).Single(job => job.OrgId == tenant.OrgId);

    private async Task EmbedAsync(Tenant tenant, params byte[][] vectors)
    {
        await Store.SearchVectors.AskAsync(tenant.OrgId, Cancel);
        var job = await ClaimAsync(tenant, JobKind.EmbedMail);
        Assert.True(await Store.SearchVectors.RecordAsync(
            job, Model, [.. vectors.Select(static (vector, i) => new DocumentVector(i + 1, vector))], new VectorPlace(vectors.Length, true), Cancel));
        Assert.True(await Store.Jobs.CompleteAsync(job, Cancel));
    }

    private async Task<Job> MirrorJobAsync(Tenant tenant)
    {
        await Store.VectorMirrors.AskAsync(tenant.OrgId, Cancel);
        await Store.VectorMirrors.AskAsync(tenant.OrgId, Cancel);
        return await ClaimAsync(tenant, JobKind.MirrorVectors);
    }

    private async Task<bool> IsBehindAsync(Tenant tenant) => (await Store.VectorMirrors.ListBehindAsync(Target, 100_000, Cancel)).Contains(tenant.OrgId, StringComparer.Ordinal);

    /// <summary>Indexes the message of a document anew, which takes the document away.</summary>
    private async Task TakeAwayAsync(Tenant tenant, long document)
    {
        await Store.SearchIndex.AskAsync(tenant.OrgId, Cancel);
        var job = await ClaimAsync(tenant, JobKind.SearchIndex);
        var message = Assert.Single(await Store.Search.FindAsync(tenant.OrgId, [document], Cancel));
        Assert.True(await Store.SearchIndex.IndexAsync(job, [(message.MessageId, new SearchEntry("t"u8.ToArray(), 1, false, "m", new byte[] { 1 }))], null, Cancel));
        Assert.True(await Store.Jobs.CompleteAsync(job, Cancel));
    }

    [Fact]
    public async Task Vectors_are_read_with_what_an_engine_filters_by_and_empty_ones_are_left_out()
    {
        var (tenant, inbox) = await BeginAsync(3);
        await EmbedAsync(tenant, [1, 2], [], [3, 4]);
        var (first, upTo, deletion) = await Store.VectorMirrors.ReadAsync(tenant.OrgId, Model.Id, 0, 2, Cancel);
        Assert.Equal((1, 2, 0), (Assert.Single(first).Document, upTo, deletion));
        var (rest, end, _) = await Store.VectorMirrors.ReadAsync(tenant.OrgId, Model.Id, upTo, 2, Cancel);
        var vector = Assert.Single(rest);
        Assert.Equal((3, inbox.Id, "0304", 3), (vector.Document, vector.InboxId, Convert.ToHexString(vector.Vector), end));
        Assert.Equal((await Store.Search.FindAsync(tenant.OrgId, [3], Cancel))[0].Thread.Id, vector.ThreadId);
        Assert.Empty((await Store.VectorMirrors.ReadAsync((await NewTenantAsync()).OrgId, Model.Id, 0, 2, Cancel)).Vectors);
    }

    [Fact]
    public async Task Who_lacks_vectors_or_has_too_many_is_listed_until_the_engine_has_followed()
    {
        var (tenant, _) = await BeginAsync(2);
        Assert.False(await IsBehindAsync(tenant));
        await EmbedAsync(tenant, [1, 2], [3, 4]);
        Assert.True(await IsBehindAsync(tenant));
        var job = await MirrorJobAsync(tenant);
        Assert.False(await IsBehindAsync(tenant), "it has a job");
        Assert.True(await Store.VectorMirrors.RecordAsync(job, Target, new VectorMirror(Model.Id, 2, 2, 0), Cancel));
        Assert.Equal(new VectorMirror(Model.Id, 2, 2, 0), Assert.Single(await Node(1).VectorMirrors.ListAsync(tenant.OrgId, Target, Cancel)));
        Assert.Empty(await Store.VectorMirrors.ListAsync(tenant.OrgId, "another engine", Cancel));
        Assert.True(await Store.Jobs.CompleteAsync(job, Cancel));
        Assert.False(await IsBehindAsync(tenant));

        await TakeAwayAsync(tenant, 1);
        Assert.True(await IsBehindAsync(tenant));
        var (documents, deletion) = (await Store.VectorMirrors.ReadDeletionsAsync(tenant.OrgId, 0, 10, Cancel))!.Value;
        Assert.Equal([1L], documents);
        Assert.Equal(1, deletion);
        job = await MirrorJobAsync(tenant);
        Assert.True(await Store.VectorMirrors.RecordAsync(job, Target, new VectorMirror(Model.Id, 2, 2, deletion), Cancel));
        Assert.True(await Store.Jobs.CompleteAsync(job, Cancel));
        Assert.False(await IsBehindAsync(tenant));
        Assert.Empty((await Store.VectorMirrors.ReadDeletionsAsync(tenant.OrgId, 1, 10, Cancel))!.Value.Documents);
    }

    [Fact]
    public async Task A_copy_of_vectors_that_are_there_no_more_is_listed_until_it_is_forgotten()
    {
        var (tenant, _) = await BeginAsync(1);
        var job = await MirrorJobAsync(tenant);
        Assert.True(await Store.VectorMirrors.RecordAsync(job, Target, new VectorMirror("p:gone", 2, 1, 0), Cancel));
        Assert.True(await Store.Jobs.CompleteAsync(job, Cancel));
        Assert.True(await IsBehindAsync(tenant));
        job = await MirrorJobAsync(tenant);
        Assert.False(await Store.VectorMirrors.ForgetAsync(job with { Lease = "lost" }, Target, "p:gone", Cancel));
        Assert.False(await Store.VectorMirrors.RecordAsync(job with { Lease = "lost" }, Target, new VectorMirror("p:gone", 2, 9, 9), Cancel));
        Assert.Equal(1, Assert.Single(await Store.VectorMirrors.ListAsync(tenant.OrgId, Target, Cancel)).Place);
        Assert.True(await Store.VectorMirrors.ForgetAsync(job, Target, "p:gone", Cancel));
        Assert.True(await Store.Jobs.CompleteAsync(job, Cancel));
        Assert.False(await IsBehindAsync(tenant));
    }

    [Fact]
    public async Task Deletions_that_are_forgotten_are_told_from_none()
    {
        var (tenant, _) = await BeginAsync(2);
        Assert.Empty((await Store.VectorMirrors.ReadDeletionsAsync(tenant.OrgId, 0, 10, Cancel))!.Value.Documents);
        await TakeAwayAsync(tenant, 1);
        await TakeAwayAsync(tenant, 2);
        Assert.Equal([1L, 2L], (await Store.VectorMirrors.ReadDeletionsAsync(tenant.OrgId, 0, 10, Cancel))!.Value.Documents);
        Assert.Equal([1L], (await Store.VectorMirrors.ReadDeletionsAsync(tenant.OrgId, 0, 1, Cancel))!.Value.Documents);
        Assert.Null(await Store.VectorMirrors.ReadDeletionsAsync(tenant.OrgId, 9, 10, Cancel));
    }
}
