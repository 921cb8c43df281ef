using Commune.Peers;
using Commune.Server.Api.Attachments;
using Commune.Server.Hosting;
using Commune.Server.Tests.Running;
using Commune.Storage;
using Commune.Storage.Postgres;
using Commune.Storage.Sqlite;
using Microsoft.Extensions.Options;

namespace Commune.Server.Tests.Hosting;

/// <summary>The keys of signed links, on two nodes and on a clock that stands still.</summary>
public abstract class LinkKeysTests(Engine engine) : IAsyncLifetime
{
    private readonly ManualTimeProvider time = new();
    private readonly List<IStore> stores = [];
    private (LinkKeys Keys, AttachmentLinks Links) one;
    private (LinkKeys Keys, AttachmentLinks Links) two;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await engine.RequireAsync();
        var settings = await engine.NewSettingsAsync();
        for (var i = 0; i < 2; i++)
        {
            if (settings.Environment.TryGetValue("ConnectionStrings__Postgres", out var connection))
                stores.Add(new PostgresStore(new PostgresStoreSettings(connection), time));
            else if (i == 0)
                stores.Add(new SqliteStore(new SqliteStoreSettings(settings.DataDirectory), time));
        }
        foreach (var store in stores)
            await store.MigrateAsync(Cancel);
        (one, two) = (NewNode(stores[0]), NewNode(stores[^1]));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in stores)
            await store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_link_of_one_node_is_good_on_the_other_until_it_expires()
    {
        var token = await SignAsync(one, TimeSpan.FromDays(7));
        Assert.Equal(("org_a", "att_b"), await two.Links.CheckAsync(token, Cancel));
        time.Advance(TimeSpan.FromDays(7));
        Assert.Null(await two.Links.CheckAsync(token, Cancel));
    }

    [Fact]
    public async Task The_key_changes_with_age_on_both_nodes_and_links_outlive_the_change()
    {
        var first = await one.Keys.CurrentAsync(Cancel);
        time.Advance(TimeSpan.FromDays(30) - TimeSpan.FromMinutes(2));
        var token = await SignAsync(one, TimeSpan.FromDays(7));
        time.Advance(TimeSpan.FromMinutes(2));
        var next = await Task.WhenAll(Task.Run(() => one.Keys.CurrentAsync(Cancel).AsTask()), Task.Run(() => two.Keys.CurrentAsync(Cancel).AsTask()));
        Assert.Equal(next[0].Id, next[1].Id);
        Assert.NotEqual(first.Id, next[0].Id);
        Assert.NotNull(await two.Links.CheckAsync(token, Cancel));

        // What a new key signed is known at once where the change was not seen yet.
        await one.Keys.RotateAsync(revoke: false, Cancel);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(await two.Links.CheckAsync(await SignAsync(one, TimeSpan.FromDays(7)), Cancel));
    }

    [Fact]
    public async Task A_key_is_forgotten_when_no_link_of_it_can_live()
    {
        var first = await one.Keys.CurrentAsync(Cancel);
        await one.Keys.RotateAsync(revoke: false, Cancel);
        time.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        await one.Keys.RotateAsync(revoke: false, Cancel);
        Assert.NotNull(await one.Keys.FindAsync(first.Id, Cancel));
        time.Advance(TimeSpan.FromSeconds(1));
        await one.Keys.RotateAsync(revoke: false, Cancel);
        Assert.Null(await one.Keys.FindAsync(first.Id, Cancel));
    }

    [Fact]
    public async Task Revoked_keys_check_nothing_more_within_a_minute()
    {
        var token = await SignAsync(one, TimeSpan.FromDays(7));
        Assert.NotNull(await two.Links.CheckAsync(token, Cancel));
        await one.Keys.RotateAsync(revoke: true, Cancel);
        Assert.Null(await one.Links.CheckAsync(token, Cancel));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(await two.Links.CheckAsync(token, Cancel));
    }

    private Task<string> SignAsync((LinkKeys Keys, AttachmentLinks Links) node, TimeSpan life) =>
        node.Links.SignAsync("org_a", "att_b", time.GetUtcNow() + life, Cancel);

    private (LinkKeys Keys, AttachmentLinks Links) NewNode(IStore store)
    {
        var keys = new LinkKeys(store, Options.Create(new CommuneOptions()), time);
        return (keys, new AttachmentLinks(keys, time));
    }
}

public sealed class SqliteLinkKeysTests(SqliteEngine engine) : LinkKeysTests(engine);

public sealed class PostgresLinkKeysTests(PostgresEngine engine) : LinkKeysTests(engine);
