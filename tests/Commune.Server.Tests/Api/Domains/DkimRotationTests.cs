using System.Text.Json.Nodes;
using Commune.Mail.Dkim;
using Commune.Mail.Dns;
using Commune.Peers;
using Commune.Server.Api.Domains;
using Commune.Server.Domains;
using Commune.Server.Hosting;
using Commune.Server.Outbound;
using Commune.Server.Tests.Running;
using Commune.Storage;
using Commune.Storage.Postgres;
using Commune.Storage.Sqlite;
using Microsoft.Extensions.Options;

namespace Commune.Server.Tests.Api.Domains;

/// <summary>New DKIM keys under new selectors, with an overlap.</summary>
public abstract class DkimRotationTests(Engine engine) : ServerTests(engine)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Mail_is_signed_by_the_new_keys_once_their_records_are_published_and_the_old_ones_stay_listed()
    {
        // The log of the organisation that tests share is long: what is asked for begins here.
        var began = (string)(await Api.GetAsync("/v1/events?after=latest")).Expect(200).Json["cursor"]!;
        var path = await NewVerifiedDomainAsync(ed25519: true);
        var domain = (await Api.PostAsync(path + "/dkim/rotate", new { overlap = 48 })).Expect(200).Data;
        Assert.Equal(["active", "next", "active", "next"], Dkim(domain).Select(static record => (string)record["role"]!), StringComparer.Ordinal);
        Assert.Equal(["commune", "commune-ed25519"], await SelectorsAsync(domain), StringComparer.Ordinal);
        Assert.Equal("rotation_pending", (string)(await Api.PostAsync(path + "/dkim/rotate")).ExpectError(409).Json["code"]!);

        Publish(domain);
        domain = (await Api.PostAsync(path + "/verify")).Expect(200).Data;
        Assert.Equal("verified", (string)domain["status"]!);
        Assert.Equal(["active", "former", "active", "former"], Dkim(domain).Select(static record => (string)record["role"]!), StringComparer.Ordinal);
        Assert.All(Dkim(domain), static record => Assert.Equal((string)record["role"]! == "former", record["keep_until"] is not null));
        var selectors = await SelectorsAsync(domain);
        Assert.Equal(Dkim(domain).Where(static record => (string)record["role"]! == "active").Select(static record => ((string)record["name"]!).Split('.')[0]), selectors, StringComparer.Ordinal);
        Assert.DoesNotContain("commune", selectors, StringComparer.Ordinal);
        var events = (await Api.GetAsync($"/v1/events?types=domain.*&limit=1000&after={began}")).Expect(200).List.Where(entry => (string?)entry["data"]!["domain_id"] == (string)domain["id"]!);
        Assert.Equal(["domain.verified", "domain.dkim_rotation_started", "domain.dkim_rotated", "domain.dkim_rotated"], events.Select(static entry => (string)entry["type"]!), StringComparer.Ordinal);
        Assert.Contains(selectors[0], (await Api.GetAsync(path + "/zone")).Expect(200).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task At_once_does_not_wait_for_DNS()
    {
        var path = await NewVerifiedDomainAsync(ed25519: false);
        var domain = (await Api.PostAsync(path + "/dkim/rotate", new { at_once = true })).Expect(200).Data;
        Assert.Equal(["active", "former"], Dkim(domain).Select(static record => (string)record["role"]!), StringComparer.Ordinal);
        Publish(domain);
        Assert.Equal(((string)Dkim(domain)[0]["name"]!).Split('.')[0], Assert.Single(await SelectorsAsync(domain)));
    }

    [Fact]
    public async Task Who_may_not_or_asks_wrongly_is_told_so()
    {
        var path = await NewVerifiedDomainAsync(ed25519: false) + "/dkim/rotate";
        (await Server.WithKey(null).PostAsync(path)).ExpectError(401);
        (await Server.Scoped("domains:read").PostAsync(path)).ExpectError(403);
        (await Api.PostAsync(path, new { overlap = -1 })).ExpectError(400);
        (await Api.PostAsync(path, new { overlap = "long" })).ExpectError(400);
        (await Api.PostAsync(path, new { overlap = 721 })).ExpectError(400);
        var shared = (string)(await Api.GetAsync("/v1/domains")).Expect(200).List[0]["id"]!;
        (await Server.Other.PostAsync($"/v1/domains/{shared}/dkim/rotate")).ExpectError(403);
    }

    [Fact]
    public async Task The_watch_switches_when_the_record_appears_and_retires_the_old_key_after_the_overlap()
    {
        var time = new ManualTimeProvider();
        await using var dns = new FakeDns { Ttl = 0, NegativeTtl = 0 };
        var settings = await Engine.NewSettingsAsync();
        await using IStore store = settings.Environment.TryGetValue("ConnectionStrings__Postgres", out var connection)
            ? new PostgresStore(new PostgresStoreSettings(connection), time) : new SqliteStore(new SqliteStoreSettings(settings.DataDirectory), time);
        var options = Options.Create(new CommuneOptions { BootstrapApiKey = ApiKeySecret.New(), DataDirectory = settings.DataDirectory, HostName = "mail.test" });
        await FirstStart.RunAsync(store, options.Value, time, Cancel);
        var shared = await store.Domains.GetSharedAsync(Cancel);
        var domain = new Domain(shared.OrgId, EntityId.New("d_"), "ours.example", "not_started", null, false, time.UnixMilliseconds, null);
        await store.Domains.CreateAsync(domain, CreateDomain.NewKey(domain), Cancel);
        var records = new DomainRecords(store, options);
        var live = new LiveDns(new DnsResolver(new DnsResolverSettings { Servers = [dns.EndPoint], CacheEntries = 0 }, TimeProvider.System));
        var ring = new DkimKeyRing(store, time);
        var check = new RecordDomainCheck(store, new CheckDomain(records, options, live), ring, options, time);
        foreach (var record in await records.IssueAsync(domain, Cancel))
            Publish(dns, record);
        await RunWatchAsync();
        Assert.Equal("verified", (await store.Domains.GetAsync(domain.OrgId, domain.Id, Cancel))!.Status);

        var next = CreateDomain.NewKey(domain, "next", time.UnixMilliseconds);
        await store.Domains.RotateDkimAsync(domain.OrgId, domain.Id, [next], 72 * 3_600_000L, false, time.UnixMilliseconds, Cancel);
        time.Advance(TimeSpan.FromMinutes(2));
        await RunWatchAsync();
        Assert.Equal(["active", "next"], await RolesAsync(), StringComparer.Ordinal);
        Assert.Equal("commune", await SelectorAsync());

        // Not published yet: asked for again soon, and found.
        Publish(dns, (await records.IssueAsync(domain, Cancel)).Single(static record => record.NextKey is not null));
        time.Advance(TimeSpan.FromMinutes(11));
        await RunWatchAsync();
        Assert.Equal(["active", "former"], await RolesAsync(), StringComparer.Ordinal);
        Assert.Equal("next", await SelectorAsync());

        // The old record may go before its time without the domain being broken.
        dns.Clear("commune._domainkey.ours.example");
        time.Advance(TimeSpan.FromHours(7));
        await RunWatchAsync();
        Assert.Null((await store.DomainChecks.GetAsync(domain.OrgId, domain.Id, Cancel))!.BrokenAt);
        time.Advance(TimeSpan.FromHours(64));
        await store.Domains.RetireDkimKeysAsync(time.UnixMilliseconds, Cancel);
        Assert.Equal(["active", "former"], await RolesAsync(), StringComparer.Ordinal);
        time.Advance(TimeSpan.FromHours(2));
        await store.Domains.RetireDkimKeysAsync(time.UnixMilliseconds, Cancel);
        Assert.Equal(["active"], await RolesAsync(), StringComparer.Ordinal);

        async Task RunWatchAsync()
        {
            if ((await store.Domains.GetAsync(domain.OrgId, domain.Id, Cancel))!.Status == "not_started")
                time.Advance(TimeSpan.FromMinutes(10));
            foreach (var due in await store.DomainChecks.ClaimDueAsync(time.UnixMilliseconds, time.UnixMilliseconds + 300_000, 10, Cancel))
                await check.InTheBackgroundAsync(due, Cancel);
        }

        async Task<IEnumerable<string>> RolesAsync() => (await store.Domains.GetDkimKeysAsync(domain.OrgId, domain.Id, Cancel)).Select(static key => key.Role);

        async Task<string> SelectorAsync()
        {
            var signed = await ring.SignAsync(domain, "From: a@ours.example\r\n\r\nx\r\n"u8.ToArray(), time.GetUtcNow(), Cancel);
            var text = System.Text.Encoding.ASCII.GetString(signed).Replace("\r\n", "", StringComparison.Ordinal);
            return text.Split(';').Single(static tag => tag.TrimStart().StartsWith("s=", StringComparison.Ordinal)).Trim()[2..];
        }
    }

    private static void Publish(FakeDns dns, IssuedRecord record)
    {
        if (record.Type == "MX")
            dns.Mx(record.Name, 10, record.Value);
        else
            dns.Txt(record.Name, record.Value);
    }

    private async Task<string> NewVerifiedDomainAsync(bool ed25519)
    {
        var domain = (await Api.PostAsync("/v1/domains", new { name = $"r{Guid.NewGuid():N}"[..14] + ".example" })).Expect(201).Data;
        var path = "/v1/domains/" + domain["id"];
        domain = (await Api.PatchAsync(path, new { dkim_ed25519 = ed25519 })).Expect(200).Data;
        Publish(domain);
        Assert.Equal("verified", (string)(await Api.PostAsync(path + "/verify")).Expect(200).Data["status"]!);
        return path;
    }

    private static List<JsonObject> Dkim(JsonObject domain) =>
        [.. domain["records"]!.AsArray().Select(static record => record!.AsObject()).Where(static record => (string)record["record"]! == "DKIM")];

    private void Publish(JsonObject domain)
    {
        foreach (var record in domain["records"]!.AsArray().Select(static record => record!.AsObject()))
        {
            var (name, value) = ((string)record["name"]!, (string)record["value"]!);
            Server.Dns.Clear(name);
            if ((string)record["type"]! == "MX")
                Server.Dns.Mx(name, 10, value);
            else
                Server.Dns.Txt(name, value);
        }
        // The name of MX and SPF is one, and both stand there.
        var (mx, spf) = (domain["records"]![0]!, domain["records"]![1]!);
        Server.Dns.Clear((string)mx["name"]!);
        Server.Dns.Mx((string)mx["name"]!, 10, (string)mx["value"]!);
        Server.Dns.Txt((string)spf["name"]!, (string)spf["value"]!);
    }

    /// <summary>The selectors of the signatures on a new mail from the domain, which all verify.</summary>
    private async Task<List<string>> SelectorsAsync(JsonObject domain)
    {
        var to = "user@" + Server.NewRemoteDomain();
        var inbox = (await Api.PostAsync("/v1/inboxes", new { local_part = ApiClient.NewLocalPart(), domain_id = (string)domain["id"]! })).Expect(201).Data;
        (await Api.PostAsync("/v1/messages/send", new { to, subject = "s", text = "Signed.", inbox_id = (string)inbox["id"]! })).Expect(202);
        var mail = await Server.Sink.WaitForAsync(to);
        var resolver = new DnsResolver(new DnsResolverSettings { Servers = [Server.Dns.EndPoint] }, TimeProvider.System);
        var results = await new DkimVerifier(resolver, TimeProvider.System).VerifyAsync(mail.Data, Cancel);
        Assert.All(results, static result => Assert.Equal(DkimVerdict.Pass, result.Verdict));
        return [.. results.Select(static result => result.Selector)];
    }
}

public sealed class SqliteDkimRotationTests(SqliteEngine engine) : DkimRotationTests(engine);

public sealed class PostgresDkimRotationTests(PostgresEngine engine) : DkimRotationTests(engine);
