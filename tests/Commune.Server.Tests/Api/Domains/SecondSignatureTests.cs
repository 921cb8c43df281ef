using System.Text.Json.Nodes;
using Commune.Mail.Dkim;
using Commune.Mail.Dns;
using Commune.Peers;
using Commune.Server.Hosting;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Api.Domains;

/// <summary>The second DKIM signature of a domain, Ed25519 (RFC 8463).</summary>
public abstract class SecondSignatureTests(Engine engine) : ServerTests(engine)
{
    [Fact]
    public async Task It_is_off_at_first_and_the_domain_then_shows_it_with_its_record()
    {
        var domain = await NewDomainAsync();
        Assert.False((bool)domain["dkim_ed25519"]!);
        Assert.Single(DkimRecords(domain));

        domain = (await Api.PatchAsync(PathOf(domain), new { dkim_ed25519 = true })).Expect(200).Data;
        Assert.True((bool)domain["dkim_ed25519"]!);
        var record = DkimRecords(domain)[1];
        Assert.Equal("commune-ed25519._domainkey." + domain["name"], (string)record["name"]!);
        Assert.StartsWith("v=DKIM1; k=ed25519; p=", (string)record["value"]!, StringComparison.Ordinal);
        Assert.Equal("not_started", (string)record["status"]!);
        Assert.True(JsonNode.DeepEquals(record, DkimRecords((await Api.GetAsync(PathOf(domain))).Expect(200).Data)[1]));
    }

    [Fact]
    public async Task Mail_carries_one_signature_while_the_record_is_missing_and_the_domain_is_verified_without_it()
    {
        var domain = (await Api.PatchAsync(PathOf(await NewDomainAsync()), new { dkimEd25519 = true })).Expect(200).Data;
        Publish(domain, static record => !((string)record["value"]!).Contains("k=ed25519", StringComparison.Ordinal));
        Assert.Equal("verified", await VerifyAsync(domain));
        Assert.Equal(["rsa-sha256"], await SignedByAsync(domain));
    }

    [Fact]
    public async Task Mail_carries_two_signatures_once_the_record_is_verified()
    {
        var domain = (await Api.PatchAsync(PathOf(await NewDomainAsync()), new { dkim_ed25519 = true })).Expect(200).Data;
        Publish(domain, static _ => true);
        Assert.Equal("verified", await VerifyAsync(domain));
        Assert.Equal(["rsa-sha256", "ed25519-sha256"], await SignedByAsync(domain));
        Assert.Equal("verified", (string)DkimRecords((await Api.GetAsync(PathOf(domain))).Expect(200).Data)[1]["status"]!);
    }

    [Fact]
    public async Task Turned_off_it_is_gone_and_turned_on_again_it_has_the_same_key()
    {
        var domain = await NewDomainAsync();
        var on = (await Api.PatchAsync(PathOf(domain), new { dkim_ed25519 = true })).Expect(200).Data;
        Publish(on, static _ => true);
        await VerifyAsync(on);
        Assert.Equal(2, (await SignedByAsync(on)).Count);

        var off = (await Api.PatchAsync(PathOf(domain), new { dkim_ed25519 = false })).Expect(200).Data;
        Assert.False((bool)off["dkim_ed25519"]!);
        Assert.Single(DkimRecords(off));
        Assert.Equal(["rsa-sha256"], await SignedByAsync(domain));

        var again = (await Api.PatchAsync(PathOf(domain), new { dkim_ed25519 = true })).Expect(200).Data;
        Assert.Equal((string)DkimRecords(on)[1]["value"]!, (string)DkimRecords(again)[1]["value"]!);
        Assert.Equal(["rsa-sha256"], await SignedByAsync(domain));
    }

    [Fact]
    public async Task Nothing_or_what_is_so_already_changes_nothing()
    {
        var domain = await NewDomainAsync();
        Assert.True(JsonNode.DeepEquals(domain, (await Api.PatchAsync(PathOf(domain), new { })).Expect(200).Data));
        Assert.True(JsonNode.DeepEquals(domain, (await Api.PatchAsync(PathOf(domain), new { dkim_ed25519 = false })).Expect(200).Data));
    }

    [Fact]
    public async Task Who_may_not_or_asks_wrongly_is_told_so()
    {
        var path = PathOf(await NewDomainAsync());
        (await Server.WithKey(null).PatchAsync(path, new { dkim_ed25519 = true })).ExpectError(401);
        (await Server.Scoped("domains:read").PatchAsync(path, new { dkim_ed25519 = true })).ExpectError(403);
        (await Server.Other.PatchAsync(path, new { dkim_ed25519 = true })).ExpectError(404);
        var wrong = (await Api.PatchAsync(path, new { dkim_ed25519 = "yes" })).ExpectError(400);
        Assert.Contains("dkim_ed25519", wrong.Error, StringComparison.Ordinal);
        var shared = (await Api.GetAsync("/v1/domains")).Expect(200).List[0];
        Assert.Contains("Commune__SharedDomainEd25519", (await Api.PatchAsync(PathOf(shared), new { dkim_ed25519 = true })).ExpectError(409).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_shared_domain_has_it_by_setting_and_signs_while_its_record_is_verified()
    {
        await using var dns = new FakeDns { Ttl = 0, NegativeTtl = 0 };
        await using var sink = new MailSink();
        dns.Mx("far.test", 10, "mx.far.test");
        dns.A("mx.far.test", "127.0.0.1");
        var key = ApiKeySecret.New();
        var settings = (await Engine.NewSettingsAsync())
            .With("Commune__BootstrapApiKey", key)
            .With("Commune__SharedDomain", "agents.test")
            .With("Commune__SharedDomainEd25519", "true")
            .With("Commune__Dns__Servers", dns.Address)
            .With("Commune__Outbound__MxPort", sink.Port.ToString());
        await using (var program = await CommuneProcess.StartAsync(settings))
        {
            var api = new ApiClient(program.Http, key);
            var shared = (await api.GetAsync("/v1/domains")).Expect(200).List[0];
            Assert.True((bool)shared["dkim_ed25519"]!);
            Assert.Equal(["rsa-sha256"], await SignedByAsync(api, dns, sink, null, "a@far.test"));

            foreach (var record in DkimRecords(shared))
                dns.Txt((string)record["name"]!, (string)record["value"]!);
            (await api.PostAsync(PathOf(shared) + "/verify")).Expect(200);
            Assert.Equal(["rsa-sha256", "ed25519-sha256"], await SignedByAsync(api, dns, sink, null, "b@far.test"));

            var name = (string)DkimRecords(shared)[1]["name"]!;
            dns.Clear(name);
            dns.Txt(name, "v=DKIM1; k=ed25519; p=AAAA");
            // A resolver may keep an answer for a second.
            await Eventually.GetAsync(
                async () => (string)DkimRecords((await api.PostAsync(PathOf(shared) + "/verify")).Expect(200).Data)[1]["status"]!, static status => status == "failed");
            Assert.Equal(["rsa-sha256"], await SignedByAsync(api, dns, sink, null, "c@far.test"));
            await program.StopAsync();
        }

        await using var second = await CommuneProcess.StartAsync(settings.With("Commune__SharedDomainEd25519", "false"));
        var after = new ApiClient(second.Http, key);
        Assert.False((bool)(await after.GetAsync("/v1/domains")).Expect(200).List[0]["dkim_ed25519"]!);
        Assert.Equal(["rsa-sha256"], await SignedByAsync(after, dns, sink, null, "d@far.test"));
    }

    private static string PathOf(JsonObject domain) => "/v1/domains/" + domain["id"];

    private static IReadOnlyList<JsonObject> DkimRecords(JsonObject domain) =>
        [.. domain["records"]!.AsArray().Select(static r => r!.AsObject()).Where(static r => (string)r["record"]! == "DKIM")];

    private async Task<JsonObject> NewDomainAsync() =>
        (await Api.PostAsync("/v1/domains", new { name = $"e{Guid.NewGuid():N}"[..14] + ".example" })).Expect(201).Data;

    /// <summary>Puts issued records into DNS.</summary>
    private void Publish(JsonObject domain, Func<JsonObject, bool> wanted)
    {
        foreach (var record in domain["records"]!.AsArray().Select(static r => r!.AsObject()).Where(wanted))
        {
            var (name, value) = ((string)record["name"]!, (string)record["value"]!);
            if ((string)record["type"]! == "MX")
                Server.Dns.Mx(name, 10, value);
            else
                Server.Dns.Txt(name, value);
        }
    }

    private async Task<string> VerifyAsync(JsonObject domain) => (string)(await Api.PostAsync(PathOf(domain) + "/verify")).Expect(200).Data["status"]!;

    /// <summary>The algorithms of the signatures on a new mail from the domain.</summary>
    private Task<IReadOnlyList<string>> SignedByAsync(JsonObject domain) =>
        SignedByAsync(Api, Server.Dns, Server.Sink, (string)domain["id"]!, "user@" + Server.NewRemoteDomain());

    private static async Task<IReadOnlyList<string>> SignedByAsync(ApiClient api, FakeDns dns, MailSink sink, string? domainId, string to)
    {
        var inbox = (await api.PostAsync("/v1/inboxes", new { local_part = ApiClient.NewLocalPart(), domain_id = domainId })).Expect(201).Data;
        (await api.PostAsync("/v1/messages/send", new { to, subject = "s", text = "Signed.", inbox_id = (string)inbox["id"]! })).Expect(202);
        var mail = await sink.WaitForAsync(to);
        var resolver = new DnsResolver(new DnsResolverSettings { Servers = [dns.EndPoint] }, TimeProvider.System);
        var results = await new DkimVerifier(resolver, TimeProvider.System).VerifyAsync(mail.Data, TestContext.Current.CancellationToken);
        return [.. results.Select(static r => r.Algorithm)];
    }
}

public sealed class SqliteSecondSignatureTests(SqliteEngine engine) : SecondSignatureTests(engine);

public sealed class PostgresSecondSignatureTests(PostgresEngine engine) : SecondSignatureTests(engine);
