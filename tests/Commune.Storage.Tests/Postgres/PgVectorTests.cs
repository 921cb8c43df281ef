using Commune.Storage.Postgres;
using Commune.Storage.Tests.Testing;
using Npgsql;

namespace Commune.Storage.Tests.Postgres;

/// <summary>
/// The extension pgvector. Where the tests' own server does not have it, <c>COMMUNE_TESTS_PGVECTOR</c> names an empty database of one that has; without
/// either the facts that need it are skipped.
/// </summary>
public sealed class PgVectorTests(PostgresEngine engine) : StoreCompliance(engine), IClassFixture<PostgresEngine>
{
    private const int Length = 3;

    private static MirroredVector Vector(long document, string inboxId, params sbyte[] numbers) =>
        new(document, inboxId, "t", [.. numbers.Select(static number => (byte)number)]);

    /// <summary>An engine, a collection that nobody else uses, and what runs in its database.</summary>
    private async Task<(IStore Store, PgVector Engine, string Collection, string ConnectionString)> OpenAsync()
    {
        var connectionString = Environment.GetEnvironmentVariable("COMMUNE_TESTS_PGVECTOR") ?? ((PostgresEngine)Engine).ConnectionString;
        var store = new PostgresStore(new PostgresStoreSettings(connectionString), Engine.Time);
        await store.MigrateAsync(Cancel);
        var (opened, missing) = await store.VectorMirrors.OpenEngineAsync(true, Cancel);
        if (opened is null)
            await store.DisposeAsync();
        Assert.SkipWhen(opened is null, $"pgvector: {missing}");
        return (store, (PgVector)opened!, opened!.CollectionOf(EntityId.New("p:"), Length), connectionString);
    }

    private static async Task<long> NumberAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(Cancel), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static uint[] Found(NearVectors near) => [.. near.Cosines.Keys.Order()];

    private static Task<long> TablesAsync(string connectionString, string name) =>
        NumberAsync(connectionString, $"SELECT count(*) FROM pg_class WHERE relname = '{name}'");

    [Theory]
    [InlineData(null, "does not have")]
    [InlineData("0.7.4", "0.8 is needed")]
    [InlineData("unknown", "0.8 is needed")]
    [InlineData("0.8.0", null)]
    [InlineData("0.10.1", null)]
    [InlineData("1.0", null)]
    public void Versions_that_search_on_behind_a_filter_are_used(string? version, string? obstacle)
    {
        if (obstacle is null)
            Assert.Null(PgVector.FindObstacle(version));
        else
            Assert.Contains(obstacle, PgVector.FindObstacle(version), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_extension_there_is_no_engine_and_the_operator_is_told_why()
    {
        var connectionString = ((PostgresEngine)Engine).ConnectionString;
        Assert.SkipUnless(
            await NumberAsync(connectionString, "SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'") == 0, "this server has the extension");
        var (opened, missing) = await Store.VectorMirrors.OpenEngineAsync(true, Cancel);
        Assert.Null(opened);
        Assert.Equal("the server does not have the extension vector.", missing);
    }

    [Fact]
    public async Task An_engine_that_is_not_wanted_any_more_leaves_nothing()
    {
        var connectionString = ((PostgresEngine)Engine).ConnectionString;
        const string Left = "search_near_0123456789abcdef_3";
        await NumberAsync(connectionString, $"CREATE TABLE {Left} (org_id text, vector text); CREATE TABLE search_near_by (one integer); SELECT 0");
        var tenant = await NewTenantAsync();
        await Store.VectorMirrors.AskAsync(tenant.OrgId, Cancel);
        var job = (await Store.Jobs.ClaimAsync(JobKind.MirrorVectors, 100, 100, Now, TimeSpan.FromMinutes(5), Cancel)).Single(job => job.OrgId == tenant.OrgId);
        foreach (var target in (string[])[PgVector.Name, "another engine"])
            Assert.True(await Store.VectorMirrors.RecordAsync(job, target, new VectorMirror("p:a", 3, 7, 0), Cancel));

        Assert.Equal((null, null), await Store.VectorMirrors.OpenEngineAsync(false, Cancel));
        Assert.Equal((0, 1), (await TablesAsync(connectionString, Left), await TablesAsync(connectionString, "search_near_by")));
        Assert.Empty(await Store.VectorMirrors.ListAsync(tenant.OrgId, PgVector.Name, Cancel));
        Assert.Single(await Store.VectorMirrors.ListAsync(tenant.OrgId, "another engine", Cancel));
    }

    [Theory]
    [InlineData(20_000)]
    [InlineData(2)]
    public async Task The_nearest_of_an_organisation_and_its_inboxes_are_found_by_comparing_all_and_by_the_index(int mostCompared)
    {
        var (store, pgvector, collection, _) = await OpenAsync();
        await using var closing = store;
        pgvector.MostCompared = mostCompared;
        Assert.True(await pgvector.EnsureAsync(collection, Length, Cancel));
        Assert.False(await pgvector.EnsureAsync(collection, Length, Cancel));
        await pgvector.UpsertAsync(
            collection, "org_a",
            [Vector(1, "i_1", 127, 0, 0), Vector(2, "i_1", 100, 100, 0), Vector(3, "i_2", 127, 1, 0), Vector(4, "i_2", -127, 0, 0), Vector(5, "i_1", 0, 0, 0)], Cancel);
        await pgvector.UpsertAsync(collection, "org_b", [.. Enumerable.Range(1, 500).Select(static i => Vector(i, "i_1", 127, 0, 0))], Cancel);
        // Given twice, as after a crash.
        await pgvector.UpsertAsync(collection, "org_a", [Vector(1, "i_1", 127, 0, 0)], Cancel);

        var all = await pgvector.NearestAsync(collection, "org_a", [64, 0, 0], null, 5, 2000, Cancel);
        Assert.Equal([1u, 2, 3, 4], Found(all));
        Assert.Equal(1, all.Cosines[1], 3);
        Assert.Equal(.7071, all.Cosines[2], 3);
        Assert.Equal(-1, all.Cosines[4], 3);
        Assert.Equal(mostCompared == 2, all.IsCut);

        var two = await pgvector.NearestAsync(collection, "org_a", [64, 0, 0], null, 5, 2, Cancel);
        Assert.Equal([1u, 3], Found(two));
        Assert.True(two.IsCut);
        Assert.Equal([1u, 2], Found(await pgvector.NearestAsync(collection, "org_a", [64, 0, 0], null, 2, 10, Cancel)));
        Assert.Equal([3u, 4], Found(await pgvector.NearestAsync(collection, "org_a", [64, 0, 0], ["i_2", "i_9"], 5, 10, Cancel)));
        Assert.Empty((await pgvector.NearestAsync(collection, "org_c", [64, 0, 0], null, 5, 10, Cancel)).Cosines);

        await pgvector.DeleteAsync(collection, "org_a", [1, 9], Cancel);
        Assert.Equal([2u, 3, 4], Found(await pgvector.NearestAsync(collection, "org_a", [64, 0, 0], null, 5, 10, Cancel)));
    }

    [Fact]
    public async Task The_table_of_a_former_model_goes_with_its_last_vector_and_what_is_gone_is_no_failure()
    {
        var (store, pgvector, collection, connectionString) = await OpenAsync();
        await using var closing = store;
        await pgvector.EnsureAsync(collection, Length, Cancel);
        foreach (var orgId in (string[])["org_a", "org_b"])
            await pgvector.UpsertAsync(collection, orgId, [Vector(1, "i_1", 1, 2, 3)], Cancel);
        await pgvector.DeleteAllAsync(collection, "org_a", Cancel);
        Assert.Single((await pgvector.NearestAsync(collection, "org_b", [1, 2, 3], null, 9, 10, Cancel)).Cosines);
        await pgvector.DeleteAllAsync(collection, "org_b", Cancel);
        Assert.Equal(0, await TablesAsync(connectionString, collection));
        await pgvector.DeleteAllAsync(collection, "org_b", Cancel);
        await pgvector.DeleteAsync(collection, "org_b", [1], Cancel);
        await Assert.ThrowsAsync<VectorEngineException>(() => pgvector.NearestAsync(collection, "org_b", [1, 2, 3], null, 9, 10, Cancel));
    }

    [Fact]
    public async Task A_table_that_somebody_removed_is_made_again_and_everybody_copies_anew()
    {
        var (store, pgvector, _, connectionString) = await OpenAsync();
        await using var closing = store;
        var model = EntityId.New("p:é");
        var collection = pgvector.CollectionOf(model, Length);
        await pgvector.EnsureAsync(collection, Length, Cancel);
        await NumberAsync(
            connectionString,
            $"INSERT INTO search_mirrors (org_id, target, model, length, place, deletion) VALUES ('{model}', 'pgvector', '{model}', 3, 8, 2), ('{model}', 'pgvector', 'p:x', 3, 8, 2); SELECT 0");
        await NumberAsync(connectionString, $"ALTER TABLE {collection} DROP COLUMN vector; SELECT 0");
        Assert.True(await pgvector.EnsureAsync(collection, Length, Cancel));
        Assert.Equal([0L, 8], (await store.VectorMirrors.ListAsync(model, PgVector.Name, Cancel)).Select(static mirror => mirror.Place).Order());
    }

    [Fact]
    public async Task The_longest_vectors_have_an_index()
    {
        var (store, pgvector, _, _) = await OpenAsync();
        await using var closing = store;
        pgvector.MostCompared = 0;
        var collection = pgvector.CollectionOf(EntityId.New("p:"), pgvector.MostNumbers);
        await pgvector.EnsureAsync(collection, pgvector.MostNumbers, Cancel);
        sbyte[] numbers = [.. Enumerable.Range(0, pgvector.MostNumbers).Select(static i => (sbyte)((i % 255) - 127))];
        await pgvector.UpsertAsync(collection, "org_a", [Vector(1, "i_1", numbers)], Cancel);
        Assert.Equal(1, (await pgvector.NearestAsync(collection, "org_a", numbers, ["i_1"], 1, 10, Cancel)).Cosines[1], 3);
    }
}
