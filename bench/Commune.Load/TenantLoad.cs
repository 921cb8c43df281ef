using System.Globalization;
using System.Security.Cryptography;
using Commune.Storage;
using Commune.Storage.Postgres;
using Commune.Storage.Sqlite;

namespace Commune.Load;

/// <summary>Lists and look-ups while one organisation grows to 10 000 domains, 100 000 inboxes and 1 000 keys: they must stay flat.</summary>
internal static class TenantLoad
{
    private const int Domains = 10_000;
    private const int InboxesPerDomain = 10;
    private const int Keys = 1_000;
    private const int AtOnce = 64;

    public static async Task<int> RunAsync(LoadOptions options)
    {
        await using var home = await ServerHome.MakeAsync(options);
        await using var server = await ServerProcess.StartAsync(options, home);
        var orgId = JsonId(await server.Api.GetStringAsync("/v1/agent/org"));
        var filled = new List<(string DomainId, string DomainName, string InboxId)>();
        Console.WriteLine($"{options.Engine}, {Environment.ProcessorCount} cores; one caller; p50 and p99 in ms");
        Console.WriteLine($"  {"domains/inboxes/keys",-24}{"call",-28}{"per second",12}{"p50",12}{"p99",12}");
        foreach (var part in (int[])[100, 10, 1])
        {
            await FillAsync(options, home, orgId, filled, Domains / part, Keys / part);
            var size = $"{Domains / part}/{Domains / part * InboxesPerDomain}/{Keys / part}";
            var tried = filled.ToArray();
            (string DomainId, string DomainName, string InboxId) Any() => tried[Random.Shared.Next(tried.Length)];
            await ReportAsync(options, size, "GET domains/:id", server, () => $"/v1/domains/{Any().DomainId}");
            await ReportAsync(options, size, "GET inboxes/:id", server, () => $"/v1/inboxes/{Any().InboxId}");
            await ReportAsync(options, size, "domains, page of 20", server, static () => "/v1/domains?limit=20");
            await ReportAsync(options, size, "inboxes, page of 20", server, static () => "/v1/inboxes?limit=20");
            await ReportAsync(options, size, "inboxes of a domain", server, () => $"/v1/domains/{Any().DomainId}/inboxes?limit=20");
            await ReportAsync(options, size, "keys, page of 20", server, static () => "/v1/agent/api-keys?limit=20");
            var deep = await CursorsAsync(server, "/v1/inboxes?limit=100");
            await ReportAsync(options, size, "inboxes, deep pages", server, () => $"/v1/inboxes?limit=20&cursor={deep[Random.Shared.Next(deep.Count)]}");
            using var talk = new RecipientTalk(server.Smtp);
            Write(size, "RCPT TO", await Latencies.MeasureAsync(options.Duration, talk.PrepareAsync, () => talk.RecipientAsync($"agent{Random.Shared.Next(InboxesPerDomain)}@{Any().DomainName}")));
        }
        return 0;
    }

    /// <summary>Writes beside the running server what thousands of calls would, each DKIM key but one spared.</summary>
    private static async Task FillAsync(LoadOptions options, ServerHome home, string orgId, List<(string DomainId, string DomainName, string InboxId)> filled, int domains, int keys)
    {
        await using IStore store = options.Engine == "sqlite"
            ? new SqliteStore(new SqliteStoreSettings(home.Directory, true), TimeProvider.System)
            : new PostgresStore(new PostgresStoreSettings(home.Connection!), TimeProvider.System);
        await store.MigrateAsync(CancellationToken.None);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        using var rsa = RSA.Create(2048);
        var (pem, publicKey) = (rsa.ExportPkcs8PrivateKeyPem(), Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo()));
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce };
        var added = new System.Collections.Concurrent.ConcurrentBag<(string DomainId, string DomainName, string InboxId)>();
        await Parallel.ForAsync(filled.Count, domains, parallel, async (i, cancellation) =>
        {
            var domain = new Domain(orgId, EntityId.New("d_"), string.Create(CultureInfo.InvariantCulture, $"d{i}.load.example"), "pending", null, false, now, null);
            await store.Domains.CreateAsync(domain, new DkimKey(orgId, domain.Id, "commune", DkimKey.Rsa, pem, publicKey, now), cancellation);
            await store.Domains.SetStatusAsync(orgId, domain.Id, "verified", now, cancellation);
            var inboxId = "";
            for (var j = 0; j < InboxesPerDomain; j++)
            {
                var inbox = new Inbox(orgId, EntityId.New("i_"), domain.Id, domain.Name, string.Create(CultureInfo.InvariantCulture, $"agent{j}"), null, null, null, "active", now);
                await store.Inboxes.CreateAsync(inbox, cancellation);
                inboxId = inbox.Id;
            }
            added.Add((domain.Id, domain.Name, inboxId));
        });
        filled.AddRange(added);
        await Parallel.ForAsync(0, keys - (keys / 10), parallel, async (i, cancellation) =>
        {
            var secret = RandomNumberGenerator.GetBytes(32);
            await store.ApiKeys.CreateAsync(
                new ApiKey(orgId, EntityId.New("key_"), "load", "comm_" + Convert.ToHexStringLower(secret)[..7], ["read"], "active", null, null, now), SHA256.HashData(secret), cancellation);
        });
    }

    private static async Task<IReadOnlyList<string>> CursorsAsync(ServerProcess server, string path)
    {
        var cursors = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            using var page = System.Text.Json.JsonDocument.Parse(await server.Api.GetStringAsync(cursor.Length == 0 ? path : $"{path}&cursor={cursor}"));
            cursor = page.RootElement.GetProperty("next_cursor").GetString();
            if (cursor is not null)
                cursors.Add(cursor);
        }
        return cursors.Count > 0 ? cursors : throw new LoadException("There is only one page.");
    }

    private static async Task ReportAsync(LoadOptions options, string size, string name, ServerProcess server, Func<string> path)
    {
        await Latencies.MeasureAsync(1, TimeSpan.FromSeconds(0.5), _ => server.Api.GetAsync(path()));
        Write(size, name, await Latencies.MeasureAsync(1, options.Duration, _ => server.Api.GetAsync(path())));
    }

    private static void Write(string size, string name, Latencies latencies) =>
        Console.WriteLine($"  {size,-24}{name,-28}{latencies.PerSecond,12:0}{latencies.Text(0.5),12}{latencies.Text(0.99),12}");

    private static string JsonId(string body)
    {
        using var document = System.Text.Json.JsonDocument.Parse(body);
        return document.RootElement.GetProperty("id").GetString()!;
    }
}
