using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

/// <summary>The vectors of providers' models.</summary>
public abstract class SearchVectorCompliance(Engine engine) : StoreCompliance(engine)
{
    private static readonly VectorModel Small = new("openai:small", "openai https://one.example/v1", "small", 0);
    private static readonly VectorModel Large = new("openai:large:3", "openai https://one.example/v1", "large", 3);

    private async Task<Tenant> BeginAsync(int messages)
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        for (var i = 0; i < messages; i++)
        {
            await Store.Inbound.AcceptAsync(
                Tenant.Inbound(new Letter { Subject = $"s{i}" }, Now, inbox) with { Search = new SearchEntry("t"u8.ToArray(), 1, false, "m", new byte[] { 1 }) }, Cancel);
        }
        return tenant;
    }

    private async Task<Job> ClaimAsync(Tenant tenant)
    {
        await Store.SearchVectors.AskAsync(tenant.OrgId, Cancel);
        return (await Store.Jobs.ClaimAsync(JobKind.EmbedMail, 10_000, 10_000, Now, TimeSpan.FromMinutes(5), Cancel)).Single(job => job.OrgId == tenant.OrgId);
    }

    private static DocumentVector[] Vectors(int from, int to, params byte[] vector) => [.. Enumerable.Range(from, to - from + 1).Select(i => new DocumentVector(i, vector))];

    private Task<bool> RecordAsync(Job job, VectorModel model, DocumentVector[] vectors, long place, bool ready) =>
        Store.SearchVectors.RecordAsync(job, model, vectors, new VectorPlace(place, ready), Cancel);

    private async Task<IReadOnlyList<long>> DocumentsAsync(Tenant tenant, VectorModel model) =>
        [.. (await Store.SearchVectors.ReadAsync(tenant.OrgId, model.Id, 0, 100, Cancel)).Vectors.Select(static vector => vector.Document)];

    [Fact]
    public async Task A_set_tells_how_its_model_is_asked_and_how_far_it_has_come()
    {
        var tenant = await BeginAsync(3);
        var job = await ClaimAsync(tenant);
        Assert.Empty(await Store.SearchVectors.ListSetsAsync(tenant.OrgId, Cancel));
        Assert.True(await RecordAsync(job, Large, Vectors(1, 2, 1, 2, 3), 2, ready: false));
        Assert.Equal([new VectorSet(Large, 3, new VectorPlace(2, false))], await Node(1).SearchVectors.ListSetsAsync(tenant.OrgId, Cancel));
        Assert.Equal(3, Assert.Single((await Store.SearchVectors.ReadWaitingAsync(tenant.OrgId, Large.Id, 10, Cancel)).Documents).Document);
        Assert.Equal([1, 2], await DocumentsAsync(tenant, Large));
        Assert.Empty(await Store.SearchVectors.ListSetsAsync((await NewTenantAsync()).OrgId, Cancel));
    }

    [Fact]
    public async Task Another_models_set_stays_until_the_new_one_is_ready_and_then_goes_bit_by_bit()
    {
        var tenant = await BeginAsync(4);
        var job = await ClaimAsync(tenant);
        Assert.True(await RecordAsync(job, Small, Vectors(1, 4, 1, 2), 4, ready: true));
        Assert.True(await RecordAsync(job, Large, Vectors(1, 2, 1, 2, 3), 2, ready: false));
        Assert.False(await Store.SearchVectors.DropOthersAsync(job, Large.Id, 3, Cancel));
        Assert.Equal(4, (await DocumentsAsync(tenant, Small)).Count);

        Assert.True(await RecordAsync(job, Large, Vectors(3, 4, 1, 2, 3), 4, ready: true));
        Assert.Equal(4, (await DocumentsAsync(tenant, Small)).Count);
        Assert.True(await Store.SearchVectors.DropOthersAsync(job, Large.Id, 3, Cancel));
        Assert.Single(await DocumentsAsync(tenant, Small));
        Assert.Equal(2, (await Store.SearchVectors.ListSetsAsync(tenant.OrgId, Cancel)).Count);
        Assert.False(await Store.SearchVectors.DropOthersAsync(job, Large.Id, 3, Cancel));
        Assert.Equal(Large, Assert.Single(await Store.SearchVectors.ListSetsAsync(tenant.OrgId, Cancel)).Model);
        Assert.Equal([1, 2, 3, 4], await DocumentsAsync(tenant, Large));
    }

    [Fact]
    public async Task Who_has_mail_without_vectors_or_vectors_that_are_to_go_is_listed_unless_a_job_is_there()
    {
        var tenant = await BeginAsync(2);
        Assert.Contains(tenant.OrgId, await Store.SearchVectors.ListBehindAsync(Large.Id, 100_000, Cancel), StringComparer.Ordinal);
        var job = await ClaimAsync(tenant);
        Assert.DoesNotContain(tenant.OrgId, await Store.SearchVectors.ListBehindAsync(Large.Id, 100_000, Cancel), StringComparer.Ordinal);
        Assert.True(await RecordAsync(job, Large, Vectors(1, 2, 1, 2, 3), 2, ready: true));
        Assert.True(await RecordAsync(job, Small, Vectors(1, 1, 1, 2), 1, ready: false));
        Assert.True(await Store.Jobs.CompleteAsync(job, Cancel));
        Assert.Contains(tenant.OrgId, await Store.SearchVectors.ListBehindAsync(Large.Id, 100_000, Cancel), StringComparer.Ordinal);
        job = await ClaimAsync(tenant);
        Assert.False(await Store.SearchVectors.DropOthersAsync(job, Large.Id, 100, Cancel));
        Assert.True(await Store.Jobs.CompleteAsync(job, Cancel));
        Assert.DoesNotContain(tenant.OrgId, await Store.SearchVectors.ListBehindAsync(Large.Id, 100_000, Cancel), StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_model_that_makes_vectors_of_another_length_begins_its_set_anew()
    {
        var tenant = await BeginAsync(3);
        var job = await ClaimAsync(tenant);
        Assert.True(await RecordAsync(job, Small, Vectors(1, 2, 1, 2), 2, ready: true));
        Assert.True(await RecordAsync(job, Small, Vectors(3, 3, 1, 2, 3), 3, ready: true));
        Assert.Equal(new VectorSet(Small, 3, new VectorPlace(0, false)), Assert.Single(await Store.SearchVectors.ListSetsAsync(tenant.OrgId, Cancel)));
        Assert.Empty(await DocumentsAsync(tenant, Small));
        Assert.Equal(3, (await Store.SearchVectors.ReadWaitingAsync(tenant.OrgId, Small.Id, 10, Cancel)).Documents.Count);
        Assert.True(await RecordAsync(job, Small, Vectors(1, 3, 1, 2, 3), 3, ready: true));
        Assert.All((await Store.SearchVectors.ReadAsync(tenant.OrgId, Small.Id, 0, 100, Cancel)).Vectors, static vector => Assert.Equal(3, vector.Vector.Length));
        Assert.Equal([1, 2, 3], await DocumentsAsync(tenant, Small));
    }

    [Fact]
    public async Task Texts_that_a_model_refused_leave_the_length_alone()
    {
        var tenant = await BeginAsync(2);
        var job = await ClaimAsync(tenant);
        Assert.True(await RecordAsync(job, Small, Vectors(1, 1, 1, 2), 1, ready: false));
        Assert.True(await RecordAsync(job, Small, Vectors(2, 2), 2, ready: true));
        Assert.Equal(new VectorSet(Small, 2, new VectorPlace(2, true)), Assert.Single(await Store.SearchVectors.ListSetsAsync(tenant.OrgId, Cancel)));
    }

    [Fact]
    public async Task Without_the_lease_nothing_is_kept_or_dropped()
    {
        var tenant = await BeginAsync(2);
        var job = await ClaimAsync(tenant);
        Assert.True(await RecordAsync(job, Small, Vectors(1, 2, 1, 2), 2, ready: true));
        Assert.True(await RecordAsync(job, Large, Vectors(1, 2, 1, 2, 3), 2, ready: true));
        var lost = job with { Lease = "lost" };
        Assert.False(await RecordAsync(lost, Small, Vectors(1, 2, 9, 9), 0, ready: false));
        Assert.False(await Store.SearchVectors.DropOthersAsync(lost, Large.Id, 100, Cancel));
        Assert.Equal([1, 2], await DocumentsAsync(tenant, Small));
    }
}
