using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Api.Domains;

/// <summary>Contract section 7: custom domains and their live check.</summary>
public abstract partial class DomainTests(Engine engine) : ServerTests(engine)
{
    private const string Host = "mail.commune.test";

    private static string NewName() => $"x{Guid.NewGuid():N}"[..16] + ".example";

    private async Task<(string Id, string Name)> CreateAsync(string? name = null, ApiClient? client = null)
    {
        name ??= NewName();
        var data = (await (client ?? Api).PostAsync("/v1/domains", new { name })).Expect(201).Data;
        return ((string)data["id"]!, name);
    }

    private async Task<IReadOnlyList<JsonObject>> RecordsAsync(string id) => (await Api.GetAsync($"/v1/domains/{id}/records")).Expect(200).List;

    /// <summary>Puts every record into DNS as it was issued.</summary>
    private async Task PublishAsync(string id, ApiClient? client = null, Func<JsonObject, bool>? only = null)
    {
        foreach (var record in (await (client ?? Api).GetAsync($"/v1/domains/{id}/records")).Expect(200).List.Where(only ?? (static _ => true)))
            Publish(record, (string)record["value"]!);
    }

    private void Publish(JsonObject record, string value)
    {
        var name = (string)record["name"]!;
        if ((string)record["type"]! == "MX")
            Server.Dns.Mx(name, (int)record["priority"]!, value);
        else
            Server.Dns.Txt(name, [.. value.Chunk(255).Select(static c => new string(c))]);
    }

    private async Task<JsonObject> VerifyAsync(string id) => (await Api.PostAsync($"/v1/domains/{id}/verify")).Expect(200).Data;

    private static JsonObject Record(JsonObject domain, string kind) =>
        domain["records"]!.AsArray().Select(static r => r!.AsObject()).Single(r => (string)r["record"]! == kind);

    [Fact]
    public async Task A_new_domain_tells_the_records_that_it_needs()
    {
        var name = NewName();
        var data = (await Api.PostAsync("/v1/domains", new { domain = name.ToUpperInvariant() + ".", region = "eu", capabilities = "x" })).Expect(201).Data;
        Assert.StartsWith("d_", (string)data["id"]!, StringComparison.Ordinal);
        Assert.Equal((string)data["id"]!, (string)data["domain_id"]!);
        Assert.Equal((name, name, "not_started", "eu", false), ((string)data["name"]!, (string)data["domain"]!, (string)data["status"]!, (string)data["region"]!, (bool)data["shared"]!));
        Assert.Null((string?)data["verified_at"]);

        var records = await RecordsAsync((string)data["id"]!);
        JsonAssert.Texts(["DKIM", "DMARC", "MX", "SPF"], records.Select(static r => (string)r["record"]!).Order(StringComparer.Ordinal));
        var mx = records.Single(static r => (string)r["record"]! == "MX");
        Assert.Equal((name, Host, 10), ((string)mx["name"]!, (string)mx["value"]!, (int)mx["priority"]!));
        Assert.All(records, static r => Assert.True((int)r["ttl"]! > 0));
        Assert.All(records.Where(static r => (string)r["type"]! == "TXT"), static r => Assert.Null((int?)r["priority"]));
        var dmarc = records.Single(static r => (string)r["record"]! == "DMARC");
        Assert.Equal(("_dmarc." + name, $"v=DMARC1; p=none; rua=mailto:dmarc-reports@{name}"), ((string)dmarc["name"]!, (string)dmarc["value"]!));
    }

    [Fact]
    public async Task A_domain_is_verified_when_its_records_stand_as_issued_and_mail_flows()
    {
        var (id, name) = await CreateAsync();
        Assert.Equal("pending", (string)(await VerifyAsync(id))["status"]!);
        // The answer that nothing was there must not be remembered.
        await PublishAsync(id);
        var answer = (await Api.PostAsync($"/v1/domains/{id}/verify")).Expect(200);
        Assert.Equal(("verified", "verified", id), ((string)answer.Data["status"]!, (string)answer.Json["status"]!, (string)answer.Json["id"]!));
        Assert.NotNull((string?)answer.Data["verified_at"]);
        Assert.All(answer.Data["records"]!.AsArray(), static r => Assert.Equal("verified", (string)r!["status"]!));
        Assert.Equal("verified", (string)(await Api.GetAsync($"/v1/domains/{id}/status")).Expect(200).Data["status"]!);

        var inbox = (await Api.PostAsync($"/v1/domains/{id}/inboxes", new { local_part = "support" })).Expect(201).Data;
        await ReceiveAsync("kim@example.com", $"support@{name}", Letter.Bytes($"From: kim@example.com\nTo: support@{name}\nSubject: s\n\nt\n"));
        Assert.Single((await Api.GetAsync($"/v1/threads?inbox_id={inbox["id"]}")).Expect(200).List);
    }

    [Fact]
    public async Task Without_its_records_a_domain_takes_no_mail_and_sends_none()
    {
        var (id, name) = await CreateAsync();
        var inbox = (await Api.PostAsync($"/v1/domains/{id}/inboxes", new { local_part = "support" })).Expect(201).Data;
        await using var talk = await SmtpTalk.GreetAsync(Server.Program.Smtp);
        (await talk.CommandAsync("MAIL FROM:<kim@example.com>")).Expect(250);
        (await talk.CommandAsync($"RCPT TO:<support@{name}>")).Expect(550);
        (await Api.PostAsync("/v1/messages/send", new { to = "a@example.com", subject = "s", text = "t", inbox_id = (string)inbox["id"]! })).ExpectError(403);
    }

    [Fact]
    public async Task Two_SPF_records_are_merged_in_the_advice()
    {
        var (id, name) = await CreateAsync();
        await PublishAsync(id);
        Server.Dns.Txt(name, "v=spf1 include:_spf.other.example -all");
        var spf = Record(await VerifyAsync(id), "SPF");
        Assert.Equal("failed", (string)spf["status"]!);
        Assert.Equal(2, spf["found"]!.AsArray().Count);
        Assert.Contains("2 SPF records", (string)spf["problem"]!, StringComparison.Ordinal);
        Assert.Contains($"v=spf1 a:{Host} mx include:_spf.other.example -all", (string)spf["problem"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_SPF_record_of_others_is_extended_in_the_advice()
    {
        var (id, name) = await CreateAsync();
        Server.Dns.Txt(name, "v=spf1 include:_spf.other.example ~all");
        var spf = Record(await VerifyAsync(id), "SPF");
        Assert.Equal("failed", (string)spf["status"]!);
        Assert.Contains($"v=spf1 a:{Host} include:_spf.other.example ~all", (string)spf["problem"]!, StringComparison.Ordinal);
        Assert.Equal("failed", (string)(await Api.GetAsync($"/v1/domains/{id}")).Expect(200).Data["status"]!);
    }

    [Fact]
    public async Task Mail_that_goes_elsewhere_is_named()
    {
        var (id, name) = await CreateAsync();
        await PublishAsync(id, only: static r => (string)r["record"]! != "MX");
        Server.Dns.Mx(name, 10, "mx.other.example");
        var domain = await VerifyAsync(id);
        Assert.Equal("failed", (string)domain["status"]!);
        Assert.Contains("mx.other.example", (string)Record(domain, "MX")["problem"]!, StringComparison.Ordinal);
        Assert.Equal("10 mx.other.example", (string)Record(domain, "MX")["found"]![0]!);

        Server.Dns.Mx(name, 20, Host);
        domain = await VerifyAsync(id);
        Assert.Equal("verified", (string)domain["status"]!);
        Assert.Contains("preferred", (string)Record(domain, "MX")["problem"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_DKIM_key_that_was_cut_off_revoked_doubled_or_aliased_is_told_apart()
    {
        var (id, name) = await CreateAsync();
        var issued = (await RecordsAsync(id)).Single(static r => (string)r["record"]! == "DKIM");
        var (record, value) = ((string)issued["name"]!, (string)issued["value"]!);

        foreach (var (published, part) in (IEnumerable<(string, string)>)
            [(value[..250], "cut off"), ("v=DKIM1; p=", "revoked"), ("v=DKIM1; k=rsa; p=QUJD", "Another key"), ("hello", "no DKIM key")])
        {
            Server.Dns.Clear(record);
            Server.Dns.Txt(record, published);
            var dkim = Record(await VerifyAsync(id), "DKIM");
            Assert.Equal("failed", (string)dkim["status"]!);
            Assert.Contains(part, (string)dkim["problem"]!, StringComparison.Ordinal);
        }

        Server.Dns.Clear(record);
        Server.Dns.Txt($"{record}.{name}", value[..200], value[200..]);
        Assert.Contains("your registrar adds the domain", (string)Record(await VerifyAsync(id), "DKIM")["problem"]!, StringComparison.Ordinal);

        Server.Dns.Cname(record, $"keys.{name}");
        Server.Dns.Txt($"keys.{name}", value[..200], value[200..]);
        Assert.Equal("verified", (string)Record(await VerifyAsync(id), "DKIM")["status"]!);
    }

    [Fact]
    public async Task The_parents_DMARC_policy_counts_for_a_subdomain()
    {
        var parent = NewName();
        var (id, _) = await CreateAsync("mail." + parent);
        Assert.Equal("pending", (string)Record(await VerifyAsync(id), "DMARC")["status"]!);
        Server.Dns.Txt("_dmarc." + parent, "v=DMARC1; p=reject");
        var dmarc = Record(await VerifyAsync(id), "DMARC");
        Assert.Equal("verified", (string)dmarc["status"]!);
        Assert.Contains("_dmarc." + parent, (string)dmarc["problem"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_verified_domain_is_not_lost_to_name_servers_that_are_silent()
    {
        var (id, name) = await CreateAsync();
        await PublishAsync(id);
        Assert.Equal("verified", (string)(await VerifyAsync(id))["status"]!);
        Server.Dns.Fail(name, Peers.FakeDnsFailure.ServFail);
        var domain = await VerifyAsync(id);
        Assert.Equal("verified", (string)domain["status"]!);
        Assert.Contains("did not answer", (string)Record(domain, "MX")["problem"]!, StringComparison.Ordinal);

        Server.Dns.Fail(name, null);
        Server.Dns.Clear(name);
        Assert.Equal("pending", (string)(await VerifyAsync(id))["status"]!);
    }

    [Fact]
    public async Task The_first_to_verify_a_name_owns_it()
    {
        var (first, name) = await CreateAsync();
        var (second, _) = await CreateAsync(name, Server.Other);
        await PublishAsync(first);
        Assert.Equal("verified", (string)(await VerifyAsync(first))["status"]!);
        // Its records name another key, so the other organisation's check fails before anything else could.
        Assert.Equal("failed", (string)(await Server.Other.PostAsync($"/v1/domains/{second}/verify")).Expect(200).Data["status"]!);
        (await Server.Other.DeleteAsync($"/v1/domains/{second}")).Expect(200);
        Assert.Equal("domain_taken", (string)(await Server.Other.PostAsync("/v1/domains", new { name })).ExpectError(409).Json["code"]!);
        (await Api.PostAsync("/v1/domains", new { name })).ExpectError(409);
    }

    [Fact]
    public async Task The_zone_file_holds_every_record_in_strings_that_fit()
    {
        var (id, name) = await CreateAsync();
        var zone = (await Api.GetAsync($"/v1/domains/{id}/zone")).Expect(200);
        Assert.Equal("text/dns", zone.ContentHeaders.ContentType!.MediaType);
        var lines = zone.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(static l => !l.StartsWith(';')).ToList();
        Assert.Contains($"{name}. 3600 IN MX 10 {Host}.", lines, StringComparer.Ordinal);
        foreach (var record in (await RecordsAsync(id)).Where(static r => (string)r["type"]! == "TXT"))
        {
            var line = Assert.Single(lines, l => l.StartsWith($"{record["name"]}. 3600 IN TXT ", StringComparison.Ordinal));
            var strings = QuotedString().Matches(line).Select(static m => m.Groups[1].Value).ToList();
            Assert.All(strings, static s => Assert.True(s.Length <= 255));
            Assert.Equal((string)record["value"]!, string.Concat(strings));
        }
    }

    [GeneratedRegex("\"([^\"]*)\"")]
    private static partial Regex QuotedString();

    [Fact]
    public async Task A_domain_is_deleted_when_it_holds_no_inbox()
    {
        var (id, name) = await CreateAsync();
        var inbox = (await Api.PostAsync($"/v1/domains/{id}/inboxes", new { local_part = "a" })).Expect(201).Data;
        Assert.Contains("inboxes", (await Api.DeleteAsync($"/v1/domains/{id}")).ExpectError(409).Error, StringComparison.Ordinal);
        (await Api.DeleteAsync($"/v1/inboxes/{inbox["id"]}")).Expect(200);
        Assert.True((bool)(await Api.DeleteAsync($"/v1/domains/{id}")).Expect(200).Data["ok"]!);
        (await Api.DeleteAsync($"/v1/domains/{id}")).ExpectError(404);
        (await Api.GetAsync($"/v1/domains/{id}")).ExpectError(404);
        await CreateAsync(name);
    }

    [Fact]
    public async Task The_shared_domain_is_listed_first_and_is_nobodys_to_change()
    {
        await CreateAsync();
        var list = (await Api.GetAsync("/v1/domains?limit=1")).Expect(200);
        Assert.True((bool)list.List[0]["shared"]!);
        Assert.NotNull(list.NextCursor);
        var id = (string)list.List[0]["id"]!;
        Assert.All(await RecordsAsync(id), static r => Assert.Equal("not_started", (string)r["status"]!));
        (await Api.DeleteAsync($"/v1/domains/{id}")).ExpectError(403);
        Assert.Equal("verified", (string)(await VerifyAsync(id))["status"]!);
        var next = (await Api.GetAsync($"/v1/domains?limit=1&cursor={list.NextCursor}")).Expect(200);
        Assert.DoesNotContain(next.List, static d => (bool)d["shared"]!);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"name":"nodot"}""")]
    [InlineData("""{"name":"a b.example"}""")]
    [InlineData("""{"name":"-a.example"}""")]
    [InlineData("""{"name":"192.0.2.1"}""")]
    [InlineData("""{"name":7}""")]
    public async Task What_is_no_domain_name_is_refused(string body) => (await Api.PostAsync("/v1/domains", body)).ExpectError(400);

    [Fact]
    public async Task The_shared_domain_and_what_lies_under_it_cannot_be_registered()
    {
        (await Api.PostAsync("/v1/domains", new { name = SharedServer.SharedDomain })).ExpectError(409);
        (await Api.PostAsync("/v1/domains", new { name = "sub." + SharedServer.SharedDomain })).ExpectError(409);
    }

    [Fact]
    public async Task Another_organisations_domain_is_unknown_and_scopes_are_checked()
    {
        var (id, _) = await CreateAsync();
        foreach (var (method, path) in (IEnumerable<(HttpMethod, string)>)
            [(HttpMethod.Get, ""), (HttpMethod.Get, "/records"), (HttpMethod.Get, "/status"), (HttpMethod.Get, "/zone"), (HttpMethod.Post, "/verify"), (HttpMethod.Delete, "")])
        {
            (await Server.Other.SendAsync(method, $"/v1/domains/{id}{path}")).ExpectError(404);
            var scope = method == HttpMethod.Get ? "domains:write" : "domains:read";
            (await Server.Scoped(scope).SendAsync(method, $"/v1/domains/{id}{path}")).ExpectError(403);
        }
    }
}

public sealed class SqliteDomainTests(SqliteEngine engine) : DomainTests(engine);

public sealed class PostgresDomainTests(PostgresEngine engine) : DomainTests(engine);
