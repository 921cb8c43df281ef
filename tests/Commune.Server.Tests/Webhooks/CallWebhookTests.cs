using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Commune.Peers;
using Commune.Server.Tests.Running;
using Commune.Server.Webhooks;
using Commune.Storage;

namespace Commune.Server.Tests.Webhooks;

/// <summary>What one attempt sends, and what each failure of an endpoint leads to.</summary>
public abstract class CallWebhookTests(Engine engine) : WebhookRig(engine)
{
    [Fact]
    public async Task A_call_that_is_answered_2xx_is_delivered_and_its_job_is_done()
    {
        Hook.On(new FakeHookAnswer.Reply(204, Body: ""));
        var id = await OweAsync();
        await RunDueAsync();
        var delivery = await DeliveryAsync(id);
        Assert.Equal(("delivered", 1, (int?)204, (string?)null), (delivery.Status, delivery.Attempts, delivery.LastCode, delivery.LastError));
        Assert.Equal(Now, delivery.DeliveredAt);
        Assert.Null(await Store.Jobs.NextDueAsync(JobKind.Webhook, Cancel));
        var call = Assert.Single(Hook.Calls);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(call.Body)), delivery.PayloadHash);
    }

    [Fact]
    public async Task A_call_is_signed_in_both_forms()
    {
        await OweAsync();
        await RunDueAsync();
        var call = Assert.Single(Hook.Calls);
        Assert.Equal("application/json", call.Headers["content-type"]);
        Assert.Equal("1", call.Headers["x-commune-attempt"]);
        var timestamp = call.Headers["x-commune-timestamp"];
        Assert.Equal(Now.ToString(), timestamp);
        var own = HMACSHA256.HashData(Encoding.UTF8.GetBytes(Inbox.Webhook!.Secret), (byte[])[.. Encoding.UTF8.GetBytes(timestamp + "."), .. call.Body]);
        Assert.Equal("v1=" + Convert.ToHexStringLower(own), call.Headers["x-commune-signature"]);
        var key = Convert.FromBase64String(Inbox.Webhook.Secret["whsec_".Length..]);
        var standard = HMACSHA256.HashData(key, (byte[])[.. Encoding.UTF8.GetBytes($"{call.DeliveryId}.{Now / 1000}."), .. call.Body]);
        Assert.Equal("v1," + Convert.ToBase64String(standard), call.Headers["webhook-signature"]);
        Assert.Equal(call.DeliveryId, call.Headers["webhook-id"]);
        Assert.Equal((Now / 1000).ToString(), call.Headers["webhook-timestamp"]);
    }

    [Fact]
    public async Task The_body_is_what_the_contract_says()
    {
        var id = await OweAsync();
        await RunDueAsync();
        var call = Assert.Single(Hook.Calls);
        Assert.Equal(id, call.DeliveryId);
        var body = JsonNode.Parse(call.Body)!;
        Assert.Equal(Inbox.DomainId, (string)body["domainId"]!);
        Assert.Equal(Inbox.Id, (string)body["inboxId"]!);
        Assert.Equal(Inbox.Address, (string)body["inboxAddress"]!);
        Assert.Equal("email.received", (string)body["event"]!["type"]!);
        var messageId = (string)body["event"]!["data"]!["email_id"]!;
        Assert.Equal(messageId, (string)body["message"]!["message_id"]!);
        Assert.Equal(messageId, (string)body["message_id"]!);
        Assert.Equal("Kim <kim@example.com>", (string)body["email"]!["from"]!);
        JsonAssert.Texts([Inbox.Address], body["email"]!["to"]!);
        Assert.Equal(("1", "Ünruh"), ((string)body["email"]!["headers"]!["subject"]!, (string)body["email"]!["headers"]!["x-mailer"]!));
        Assert.All((string[])["x-private", "precedence"], name => Assert.Null(body["email"]!["headers"]![name]));
        Assert.Equal("p.jpg", (string)body["attachments"]![0]!["filename"]!);
        Assert.Equal("image/jpeg", (string)body["attachments"]![0]!["mime_type"]!);
        Assert.False((bool)body["security"]!["spam"]!["checked"]!);
        Assert.Equal("none", (string)body["security"]!["prompt_injection"]!["risk_level"]!);
        Assert.Equal("kim@example.com", (string)body["sender"]!);
        Assert.Equal("Parcel", (string)body["subject"]!);
        Assert.Equal("The parcel is here.", (string)body["text"]!);
        Assert.Null(body["extractedData"]);
        Assert.Null(body["extracted"]);
    }

    [Theory]
    [InlineData(500, "HTTP 500")]
    [InlineData(404, "HTTP 404")]
    [InlineData(302, "HTTP 302: redirects are not followed")]
    public async Task An_answer_that_is_no_success_is_tried_again(int status, string error)
    {
        Hook.On(new FakeHookAnswer.Reply(status, "Location: http://127.0.0.1:1/elsewhere\r\n"));
        var id = await OweAsync();
        await RunDueAsync();
        AssertFailed(await DeliveryAsync(id), status, error, TimeSpan.FromSeconds(5));
        Assert.Single(Hook.Calls);
    }

    [Fact]
    public async Task A_refused_connection_is_tried_again()
    {
        await Hook.StopAsync();
        var id = await OweAsync();
        await RunDueAsync();
        AssertFailed(await DeliveryAsync(id), null, "The connection failed: ConnectionRefused", TimeSpan.FromSeconds(5));
        Hook.Start();
    }

    [Fact]
    public async Task A_connection_that_is_reset_is_tried_again()
    {
        Hook.On(new FakeHookAnswer.Reset());
        var id = await OweAsync();
        await RunDueAsync();
        var delivery = await DeliveryAsync(id);
        AssertFailed(delivery, null, delivery.LastError!, TimeSpan.FromSeconds(5));
    }

    public static TheoryData<FakeHookAnswer> Silences => [new FakeHookAnswer.Hang(), new FakeHookAnswer.Drip(9)];

    [Theory]
    [MemberData(nameof(Silences))]
    public async Task An_endpoint_that_does_not_answer_has_ten_seconds_and_thirty_from_then_on(FakeHookAnswer silence)
    {
        Hook.On(silence);
        var id = await OweAsync();
        await RunDueAsync(passing: TimeSpan.FromSeconds(10));
        AssertFailed(await DeliveryAsync(id), null, "No answer within 10 s", TimeSpan.FromSeconds(5));
        Time.Advance(TimeSpan.FromSeconds(7));
        await RunDueAsync(passing: TimeSpan.FromSeconds(30));
        AssertFailed(await DeliveryAsync(id), null, "No answer within 30 s", TimeSpan.FromSeconds(30), attempts: 2);
    }

    [Fact]
    public async Task A_status_that_came_counts_though_the_body_breaks_off()
    {
        Hook.On(new FakeHookAnswer.ResetInBody(200));
        var first = await OweAsync();
        await RunDueAsync();
        Assert.Equal("delivered", (await DeliveryAsync(first)).Status);
        Hook.On(new FakeHookAnswer.ResetInBody(500));
        var second = await OweAsync();
        await RunDueAsync();
        AssertFailed(await DeliveryAsync(second), 500, "HTTP 500", TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Little_of_an_endless_body_is_read()
    {
        Hook.On(new FakeHookAnswer.Endless(200));
        var id = await OweAsync();
        await RunDueAsync();
        Assert.Equal("delivered", (await DeliveryAsync(id)).Status);
        // What the sockets between us hold is taken as well.
        Assert.InRange(Hook.OctetsSent, 0, 16 << 20);
    }

    [Fact]
    public async Task A_certificate_that_nobody_trusts_is_refused()
    {
        await using var untrusted = new FakeHook(tls: true);
        var other = await AddInboxAsync(untrusted.Url);
        var id = await OweAsync(other);
        await RunDueAsync();
        var delivery = await DeliveryAsync(id);
        Assert.Equal(("failed", (int?)null), (delivery.Status, delivery.LastCode));
        Assert.StartsWith("TLS failed", delivery.LastError, StringComparison.Ordinal);
        Assert.Empty(untrusted.Calls);
    }

    [Fact]
    public async Task A_name_that_comes_to_resolve_to_a_private_address_is_not_called()
    {
        Options.AllowPrivateNetworks = false;
        var id = await OweAsync();
        await RunDueAsync();
        Assert.Contains("private network", (await DeliveryAsync(id)).LastError, StringComparison.Ordinal);
        var named = await AddInboxAsync($"http://localhost:{Hook.Port}/hook");
        var second = await OweAsync(named);
        await RunDueAsync();
        Assert.Contains("private network", (await DeliveryAsync(second)).LastError, StringComparison.Ordinal);
        Assert.Empty(Hook.Calls);
    }

    [Fact]
    public async Task A_replaced_secret_signs_beside_the_new_one_for_a_day()
    {
        var guard = new EndpointGuard(Resolver(), Options, Time);
        var rotated = await guard.AdmitAsync(Inbox.Webhook! with { Secret = "a new secret" }, Inbox.Webhook, Cancel);
        await Store.Inboxes.UpdateAsync(Inbox with { Webhook = rotated }, Cancel);
        await OweAsync();
        await RunDueAsync();
        Assert.Equal(2, Hook.Calls[0].Headers["webhook-signature"].Split(' ').Length);
        Time.Advance(TimeSpan.FromHours(24));
        await OweAsync();
        await RunDueAsync();
        Assert.Single(Hook.Calls[1].Headers["webhook-signature"].Split(' '));
    }
}

public sealed class SqliteCallWebhookTests(SqliteEngine engine) : CallWebhookTests(engine);

public sealed class PostgresCallWebhookTests(PostgresEngine engine) : CallWebhookTests(engine);
