using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Commune.Mail.Dns;
using Commune.Peers;
using Commune.Server.Hosting;
using Commune.Server.Metrics;
using Commune.Server.Tests.Running;
using Commune.Server.Webhooks;
using Commune.Storage;
using Commune.Storage.Postgres;
using Commune.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Commune.Server.Tests.Webhooks;

/// <summary>One attempt at a time, on a clock that stands still: what each failure of an endpoint leads to.</summary>
public abstract class CallWebhookTests(Engine engine) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly ManualTimeProvider time = new();
    private readonly FakeHook hook = new();
    private readonly FakeDns dns = new();
    private readonly WebhookOptions options = new() { AllowPrivateNetworks = true };
    private IStore store = null!;
    private WebhookClient client = null!;
    private Inbox inbox = null!;
    private int mails;

    private long Now => time.UnixMilliseconds;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var settings = await engine.NewSettingsAsync();
        store = settings.Environment.TryGetValue("ConnectionStrings__Postgres", out var connection)
            ? new PostgresStore(new PostgresStoreSettings(connection), time) : new SqliteStore(new SqliteStoreSettings(settings.DataDirectory), time);
        await FirstStart.RunAsync(store, new CommuneOptions { BootstrapApiKey = ApiKeySecret.New(), DataDirectory = settings.DataDirectory }, time, Cancel);
        client = new WebhookClient(new EndpointGuard(Resolver(), options, time), time);
        inbox = await AddInboxAsync(hook.Url);
    }

    public async ValueTask DisposeAsync()
    {
        client?.Dispose();
        if (store is not null)
            await store.DisposeAsync();
        await hook.DisposeAsync();
        await dns.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_call_that_is_answered_2xx_is_delivered_and_its_job_is_done()
    {
        hook.On(new FakeHookAnswer.Reply(204, Body: ""));
        var id = await OweAsync();
        await RunDueAsync();
        var delivery = await DeliveryAsync(id);
        Assert.Equal(("delivered", 1, (int?)204, (string?)null), (delivery.Status, delivery.Attempts, delivery.LastCode, delivery.LastError));
        Assert.Equal(Now, delivery.DeliveredAt);
        Assert.Null(await store.Jobs.NextDueAsync(JobKind.Webhook, Cancel));
        var call = Assert.Single(hook.Calls);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(call.Body)), delivery.PayloadHash);
    }

    [Fact]
    public async Task A_call_is_signed_in_both_forms()
    {
        await OweAsync();
        await RunDueAsync();
        var call = Assert.Single(hook.Calls);
        Assert.Equal("application/json", call.Headers["content-type"]);
        Assert.Equal("1", call.Headers["x-commune-attempt"]);
        var timestamp = call.Headers["x-commune-timestamp"];
        Assert.Equal(Now.ToString(), timestamp);
        var own = HMACSHA256.HashData(Encoding.UTF8.GetBytes(inbox.Webhook!.Secret), (byte[])[.. Encoding.UTF8.GetBytes(timestamp + "."), .. call.Body]);
        Assert.Equal("v1=" + Convert.ToHexStringLower(own), call.Headers["x-commune-signature"]);
        var key = Convert.FromBase64String(inbox.Webhook.Secret["whsec_".Length..]);
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
        var call = Assert.Single(hook.Calls);
        Assert.Equal(id, call.DeliveryId);
        var body = JsonNode.Parse(call.Body)!;
        Assert.Equal(inbox.DomainId, (string)body["domainId"]!);
        Assert.Equal(inbox.Id, (string)body["inboxId"]!);
        Assert.Equal(inbox.Address, (string)body["inboxAddress"]!);
        Assert.Equal("email.received", (string)body["event"]!["type"]!);
        var messageId = (string)body["event"]!["data"]!["email_id"]!;
        Assert.Equal(messageId, (string)body["message"]!["message_id"]!);
        Assert.Equal(messageId, (string)body["message_id"]!);
        Assert.Equal("Kim <kim@example.com>", (string)body["email"]!["from"]!);
        JsonAssert.Texts([inbox.Address], body["email"]!["to"]!);
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
        hook.On(new FakeHookAnswer.Reply(status, "Location: http://127.0.0.1:1/elsewhere\r\n"));
        var id = await OweAsync();
        await RunDueAsync();
        AssertFailed(await DeliveryAsync(id), status, error, TimeSpan.FromSeconds(5));
        Assert.Single(hook.Calls);
    }

    [Fact]
    public async Task A_refused_connection_is_tried_again()
    {
        await hook.StopAsync();
        var id = await OweAsync();
        await RunDueAsync();
        AssertFailed(await DeliveryAsync(id), null, "The connection failed: ConnectionRefused", TimeSpan.FromSeconds(5));
        hook.Start();
    }

    [Fact]
    public async Task A_connection_that_is_reset_is_tried_again()
    {
        hook.On(new FakeHookAnswer.Reset());
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
        hook.On(silence);
        var id = await OweAsync();
        await RunDueAsync(passing: TimeSpan.FromSeconds(10));
        AssertFailed(await DeliveryAsync(id), null, "No answer within 10 s", TimeSpan.FromSeconds(5));
        time.Advance(TimeSpan.FromSeconds(7));
        await RunDueAsync(passing: TimeSpan.FromSeconds(30));
        AssertFailed(await DeliveryAsync(id), null, "No answer within 30 s", TimeSpan.FromSeconds(30), attempts: 2);
    }

    [Fact]
    public async Task A_status_that_came_counts_though_the_body_breaks_off()
    {
        hook.On(new FakeHookAnswer.ResetInBody(200));
        var first = await OweAsync();
        await RunDueAsync();
        Assert.Equal("delivered", (await DeliveryAsync(first)).Status);
        hook.On(new FakeHookAnswer.ResetInBody(500));
        var second = await OweAsync();
        await RunDueAsync();
        AssertFailed(await DeliveryAsync(second), 500, "HTTP 500", TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Little_of_an_endless_body_is_read()
    {
        hook.On(new FakeHookAnswer.Endless(200));
        var id = await OweAsync();
        await RunDueAsync();
        Assert.Equal("delivered", (await DeliveryAsync(id)).Status);
        // What the sockets between us hold is taken as well.
        Assert.InRange(hook.OctetsSent, 0, 16 << 20);
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

    [Theory]
    [InlineData("60", 60)]
    [InlineData("1", 5)]
    [InlineData("999999", 7200)]
    public async Task Retry_After_is_honoured_within_bounds(string header, int seconds)
    {
        hook.On(new FakeHookAnswer.Reply(429, $"Retry-After: {header}\r\n"));
        var id = await OweAsync();
        await RunDueAsync();
        var delivery = await DeliveryAsync(id);
        Assert.Equal(429, delivery.LastCode);
        Assert.Equal(Now + (seconds * 1000L), delivery.NextRetryAt);
        Assert.Equal(delivery.NextRetryAt, await store.Jobs.NextDueAsync(JobKind.Webhook, Cancel));
    }

    [Fact]
    public async Task Eight_attempts_with_the_same_bytes_and_fresh_signatures_then_it_is_dead()
    {
        options.BreakerFailures = 100;
        hook.On(new FakeHookAnswer.Reply(503));
        var id = await OweAsync();
        var delays = new List<double>();
        for (var attempt = 1; attempt <= 8; attempt++)
        {
            await RunDueAsync();
            var delivery = await DeliveryAsync(id);
            Assert.Equal(attempt, delivery.Attempts);
            if (delivery.NextRetryAt is not { } next)
                break;
            delays.Add((next - Now) / 1000d);
            time.Advance(TimeSpan.FromMilliseconds(next - Now));
        }
        Assert.Equal([5, 30, 120, 600, 1800, 3600, 7200], delays);
        var dead = await DeliveryAsync(id);
        Assert.Equal(("dead", 8, (long?)null, (long?)Now), (dead.Status, dead.Attempts, dead.NextRetryAt, dead.DeadAt));
        Assert.Null(await store.Jobs.NextDueAsync(JobKind.Webhook, Cancel));
        Assert.Equal(8, hook.Calls.Count);
        Assert.Single(hook.Calls.Select(static c => Convert.ToHexString(c.Body)).Distinct(StringComparer.Ordinal));
        Assert.Equal(8, hook.Calls.Select(static c => c.Headers["x-commune-signature"]).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(["1", "2", "3", "4", "5", "6", "7", "8"], hook.Calls.Select(static c => c.Headers["x-commune-attempt"]), StringComparer.Ordinal);
        Assert.Equal(8, (await store.Webhooks.GetAttemptsAsync(inbox.OrgId, id, Cancel)).Count);
        Assert.Contains("webhook.dead", await EventsAsync(), StringComparer.Ordinal);

        // A dead one that is retried gets a fresh set.
        Assert.Equal(WebhookRetry.Retried, await store.Webhooks.RetryAsync(inbox.OrgId, id, Now, Cancel));
        await RunDueAsync();
        var again = await DeliveryAsync(id);
        Assert.Equal(("failed", 9, 8, (long?)(Now + 5000)), (again.Status, again.Attempts, again.EarlierAttempts, again.NextRetryAt));
    }

    [Fact]
    public async Task After_five_failures_in_a_row_the_endpoint_is_left_alone_and_one_probe_tries_it()
    {
        hook.On(new FakeHookAnswer.Reply(500));
        var failing = new List<string>();
        for (var i = 0; i < 5; i++)
            failing.Add(await OweAsync());
        await RunDueAsync();
        Assert.Equal(5, hook.Calls.Count);
        Assert.Contains("webhook.paused", await EventsAsync(), StringComparer.Ordinal);
        var openedAt = Now;

        // Nothing is called while the circuit is open, and waiting uses no attempts.
        var waiting = await OweAsync();
        await RunDueAsync();
        time.Advance(TimeSpan.FromMinutes(4));
        await RunDueAsync();
        Assert.Equal(5, hook.Calls.Count);
        Assert.Equal(("pending", 0), ((await DeliveryAsync(waiting)).Status, (await DeliveryAsync(waiting)).Attempts));
        Assert.All(failing, id => Assert.Equal(1, DeliveryAsync(id).Result.Attempts));
        Assert.Equal(openedAt + 300_000, await store.Jobs.NextDueAsync(JobKind.Webhook, Cancel));

        // One probe, and when it fails the pause begins anew.
        time.Advance(TimeSpan.FromMinutes(1));
        await RunDueAsync();
        Assert.Equal(6, hook.Calls.Count);
        time.Advance(TimeSpan.FromMinutes(2));
        await RunDueAsync();
        Assert.Equal(6, hook.Calls.Count);

        // A probe that succeeds closes the circuit: all the rest goes out at once.
        hook.On(FakeHookAnswer.Ok);
        time.Advance(TimeSpan.FromMinutes(3));
        await RunDueAsync();
        await RunDueAsync();
        Assert.Contains("webhook.resumed", await EventsAsync(), StringComparer.Ordinal);
        foreach (var id in (string[])[.. failing, waiting])
            Assert.Equal("delivered", (await DeliveryAsync(id)).Status);
        Assert.Equal(1, hook.MostParallelOfOneDelivery);
    }

    [Fact]
    public async Task A_retry_that_a_person_asks_for_goes_past_an_open_circuit()
    {
        hook.On(new FakeHookAnswer.Reply(500));
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
            ids.Add(await OweAsync());
        await RunDueAsync();
        hook.On(FakeHookAnswer.Ok);
        await store.Webhooks.RetryAsync(inbox.OrgId, ids[0], Now, Cancel);
        await RunDueAsync();
        Assert.Equal("delivered", (await DeliveryAsync(ids[0])).Status);
        Assert.Equal(WebhookRetry.AlreadyDelivered, await store.Webhooks.RetryAsync(inbox.OrgId, ids[0], Now, Cancel));
    }

    [Fact]
    public async Task An_endpoint_that_is_gone_is_called_no_more()
    {
        hook.On(new FakeHookAnswer.Reply(410));
        var id = await OweAsync();
        await RunDueAsync();
        Assert.Equal(("dead", 1), ((await DeliveryAsync(id)).Status, (await DeliveryAsync(id)).Attempts));
        Assert.Equal("HTTP 410", (await store.Inboxes.GetAsync(inbox.OrgId, inbox.Id, Cancel))!.Webhook!.DisabledReason);
        Assert.Contains("webhook.disabled", await EventsAsync(), StringComparer.Ordinal);

        await AcceptAsync(inbox);
        await RunDueAsync();
        Assert.Single(hook.Calls);
        Assert.Equal(1, (await ListAsync()).Total);
    }

    [Fact]
    public async Task After_a_change_of_endpoint_what_waits_goes_to_the_new_one()
    {
        hook.On(new FakeHookAnswer.Reply(500));
        var id = await OweAsync();
        await RunDueAsync();
        await using var second = new FakeHook();
        await store.Inboxes.UpdateAsync(inbox with { Webhook = inbox.Webhook! with { Endpoint = second.Url } }, Cancel);
        time.Advance(TimeSpan.FromSeconds(10));
        await RunDueAsync();
        Assert.Equal(second.Url, (await DeliveryAsync(id)).Endpoint);
        Assert.Equal(hook.Calls[0].Text, Assert.Single(second.Calls).Text);
    }

    [Fact]
    public async Task A_replaced_secret_signs_beside_the_new_one_for_a_day()
    {
        var guard = new EndpointGuard(Resolver(), options, time);
        var rotated = await guard.AdmitAsync(inbox.Webhook! with { Secret = "a new secret" }, inbox.Webhook, Cancel);
        await store.Inboxes.UpdateAsync(inbox with { Webhook = rotated }, Cancel);
        await OweAsync();
        await RunDueAsync();
        Assert.Equal(2, hook.Calls[0].Headers["webhook-signature"].Split(' ').Length);
        time.Advance(TimeSpan.FromHours(24));
        await OweAsync();
        await RunDueAsync();
        Assert.Single(hook.Calls[1].Headers["webhook-signature"].Split(' '));
    }

    [Fact]
    public async Task A_name_that_comes_to_resolve_to_a_private_address_is_not_called()
    {
        options.AllowPrivateNetworks = false;
        var id = await OweAsync();
        await RunDueAsync();
        Assert.Contains("private network", (await DeliveryAsync(id)).LastError, StringComparison.Ordinal);
        var named = await AddInboxAsync($"http://localhost:{hook.Port}/hook");
        var second = await OweAsync(named);
        await RunDueAsync();
        Assert.Contains("private network", (await DeliveryAsync(second)).LastError, StringComparison.Ordinal);
        Assert.Empty(hook.Calls);
    }

    [Fact]
    public async Task Deliveries_that_ended_are_kept_for_thirty_days()
    {
        hook.On(new FakeHookAnswer.Reply(410));
        var dead = await OweAsync();
        await RunDueAsync();
        time.Advance(TimeSpan.FromDays(30) - TimeSpan.FromSeconds(1));
        await store.Webhooks.SweepAsync((time.GetUtcNow() - options.Retention).ToUnixTimeMilliseconds(), Cancel);
        Assert.Equal("dead", (await DeliveryAsync(dead)).Status);
        time.Advance(TimeSpan.FromSeconds(1));
        await store.Webhooks.SweepAsync((time.GetUtcNow() - options.Retention).ToUnixTimeMilliseconds(), Cancel);
        Assert.Null(await store.Webhooks.GetAsync(inbox.OrgId, dead, Cancel));
        Assert.Empty(await store.Webhooks.GetAttemptsAsync(inbox.OrgId, dead, Cancel));
    }

    [Fact]
    public async Task A_replay_sends_the_dead_again_and_what_was_delivered_as_new_deliveries()
    {
        var delivered = await OweAsync();
        await RunDueAsync();
        hook.On(new FakeHookAnswer.Reply(410));
        var dead = await OweAsync();
        await RunDueAsync();
        await store.Inboxes.UpdateAsync(inbox, Cancel);
        hook.On(FakeHookAnswer.Ok);
        Assert.Equal(0, await ReplayAsync(["failed"]));
        Assert.Equal(1, await ReplayAsync(["failed", "dead"]));
        await RunDueAsync();
        Assert.Equal(("delivered", 2), ((await DeliveryAsync(dead)).Status, (await DeliveryAsync(dead)).Attempts));
        Assert.Equal(2, await ReplayAsync(["delivered"]));
        await RunDueAsync();
        var all = await ListAsync();
        Assert.Equal(4, all.Total);
        Assert.All(all.Page.Items, static d => Assert.Equal("delivered", d.Status));
        Assert.Contains(all.Page.Items, d => d.Id == delivered);
    }

    private DnsResolver Resolver() =>
        new(new DnsResolverSettings { Servers = SettingText.EndPoints("", dns.Address) }, TimeProvider.System);

    private Task<int> ReplayAsync(string[] statuses) =>
        store.Webhooks.ReplayAsync(new WebhookReplay(inbox.OrgId, 0, Now + 60_000, inbox.Id, statuses, 100), Now, Cancel);

    private Task<WebhookPage> ListAsync() => store.Webhooks.ListAsync(new WebhookQuery(inbox.OrgId, inbox.Id, null, null, 100, 0, null), Cancel);

    private async Task<IReadOnlyList<string>> EventsAsync() =>
        [.. (await store.Events.ReadAsync(inbox.OrgId, 0, 1000, Cancel)).Select(static e => e.Type)];

    private async Task<Inbox> AddInboxAsync(string endpoint)
    {
        var domain = await store.Domains.GetSharedAsync(Cancel);
        var secret = "whsec_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        var made = new Inbox(domain.OrgId, EntityId.New("i_"), domain.Id, domain.Name, ApiClient.NewLocalPart(), null,
            new WebhookSetting(endpoint, ["inbound"], secret), null, "active", Now);
        Assert.True(await store.Inboxes.CreateAsync(made, Cancel));
        return made;
    }

    /// <summary>Brings in a mail; the id of the delivery that is owed for it.</summary>
    private async Task<string> OweAsync(Inbox? to = null)
    {
        var messageId = await AcceptAsync(to ?? inbox);
        var page = await store.Webhooks.ListAsync(new WebhookQuery(inbox.OrgId, (to ?? inbox).Id, null, null, 100, 0, null), Cancel);
        return Assert.Single(page.Page.Items, d => d.MessageId == messageId).Id;
    }

    private async Task<string> AcceptAsync(Inbox to)
    {
        var raw = Encoding.UTF8.GetBytes($"Subject: {++mails}\r\nX-Mailer: =?utf-8?q?=C3=9Cnruh?=\r\nX-Private: 1\r\n\r\nPrecedence: bulk\r\n");
        var thread = EntityId.NewSortable("conv_", time.GetUtcNow());
        var mail = new InboundMail
        {
            Raw = new RawMessage(raw, SHA256.HashData(raw), raw.Length),
            Deliveries = [new InboundDelivery(new InboxRoute(to.OrgId, to.Id, to.DomainId, to.Address), EntityId.NewSortable("msg_", time.GetUtcNow()),
                thread, ReplyToken.New(thread), null, [EntityId.New("att_")])],
            Subject = "Parcel",
            SubjectKey = "parcel",
            IsReply = false,
            Participants = [new Participant("sender", "kim@example.com", "Kim"), new Participant("to", to.Address, null)],
            Content = "The parcel is here.",
            ContentHtml = null,
            Snippet = "The parcel is here.",
            SmtpMessageId = $"<{mails}@example.com>",
            InReplyTo = null,
            References = [],
            Attachments = [new InboundAttachment("1", "p.jpg", "image/jpeg", 9120, null)],
            RetryKey = null,
            ReceivedAt = Now,
        };
        return Assert.Single(await store.Inbound.AcceptAsync(mail, Cancel)).MessageId;
    }

    /// <summary>Makes the attempts that are due; with a time, lets it pass once the limit of the call runs.</summary>
    private async Task RunDueAsync(TimeSpan? passing = null)
    {
        var schedule = new WebhookSchedule(SettingText.Durations("", options.RetrySchedule), static () => 0.5);
        var call = new CallWebhook(store, new ReceivedHeaders(store, new RawMessages(null!)), client, schedule, options, new Traffic(new Meter("test")), time, NullLogger<CallWebhook>.Instance);
        foreach (var job in await store.Jobs.ClaimAsync(JobKind.Webhook, 100, 100, Now, TimeSpan.FromMinutes(1), Cancel))
        {
            var before = hook.Calls.Count;
            var run = call.RunAsync(job, Cancel);
            if (passing is { } limit)
            {
                await hook.WaitAsync(calls => calls.Count > before, Patience);
                time.Advance(limit);
            }
            await run.WaitAsync(Patience, Cancel);
        }
    }

    private async Task<WebhookDelivery> DeliveryAsync(string id) => (await store.Webhooks.GetAsync(inbox.OrgId, id, Cancel))!;

    private void AssertFailed(WebhookDelivery delivery, int? code, string error, TimeSpan next, int attempts = 1)
    {
        Assert.Equal(("failed", attempts, code, error), (delivery.Status, delivery.Attempts, delivery.LastCode, delivery.LastError));
        Assert.Equal(Now + (long)next.TotalMilliseconds, delivery.NextRetryAt);
        Assert.Null(delivery.DeliveredAt);
    }
}

public sealed class SqliteCallWebhookTests(SqliteEngine engine) : CallWebhookTests(engine);

public sealed class PostgresCallWebhookTests(PostgresEngine engine) : CallWebhookTests(engine);
