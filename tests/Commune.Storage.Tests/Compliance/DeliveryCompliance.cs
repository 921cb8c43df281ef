using System.Text.Json;
using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

/// <summary>What became of a sent message (contract section 10: the transitions of delivery_status).</summary>
public abstract class DeliveryCompliance(Engine engine) : StoreCompliance(engine)
{
    private async Task<(Tenant Tenant, OutboundMail Mail)> BeginAsync(params string[] to)
    {
        var tenant = await NewTenantAsync();
        var mail = tenant.Outgoing(await tenant.AddInboxAsync(), to);
        await tenant.SendAsync(mail);
        return (tenant, mail);
    }

    private static DeliverPayload PayloadOf(OutboundMail mail, string destination = "example.org") => new(mail.OrgId, mail.MessageId, destination);

    private static RecipientOutcome Delivered(string address = "ada@example.org") => new(address, "delivered", 250, "250 2.0.0 Ok");

    private static RecipientOutcome Deferred(string address = "ada@example.org") => new(address, "deferred", 451, "451 4.7.1 Greylisted");

    private static RecipientOutcome Bounced(string address = "ada@example.org") => new(address, "bounced", 550, "550 5.1.1 No such user");

    private static RecipientOutcome Failed(string address = "ada@example.org") => new(address, "failed", null, "connection refused");

    private async Task<string?> RecordAsync(Tenant tenant, OutboundMail mail, string destination, params RecipientOutcome[] outcomes)
    {
        var job = Assert.Single(await ClaimDeliveriesAsync(tenant, Now + 60_000, TimeSpan.FromSeconds(1)), j => j.Key == destination);
        Assert.True(await Store.Outbound.RecordAsync(job, PayloadOf(mail, destination), outcomes, null, Now + 60_000, Cancel));
        Time.Advance(TimeSpan.FromMinutes(2));
        return (await tenant.MessageAsync(mail.MessageId)).DeliveryStatus;
    }

    [Theory]
    [InlineData("delivered")]
    [InlineData("bounced")]
    [InlineData("failed")]
    public async Task The_outcome_of_the_only_recipient_is_the_status_of_the_message(string status)
    {
        var (tenant, mail) = await BeginAsync();
        Assert.Equal(status, await RecordAsync(tenant, mail, "example.org", new RecipientOutcome("ada@example.org", status, 250, "the answer")));
        var state = Assert.Single(await Store.Outbound.GetRecipientsAsync(tenant.OrgId, mail.MessageId, Cancel));
        Assert.Equal((status, 1, 250, "the answer", null), (state.Status, state.Attempts, state.LastCode, state.LastDetail, state.NextAttemptAt));
        var reported = Assert.Single(await tenant.AllEventsAsync(), e => e.Type == $"message.{status}");
        Assert.Equal((mail.MessageId, mail.InboxId, mail.NewThreadId), (reported.MessageId, reported.InboxId, reported.ThreadId));
    }

    [Fact]
    public async Task A_finished_delivery_leaves_no_job_and_nobody_waiting()
    {
        var (tenant, mail) = await BeginAsync();
        await RecordAsync(tenant, mail, "example.org", Delivered());
        Assert.Null(await Store.Outbound.LoadAsync(PayloadOf(mail), Cancel));
        Assert.Empty(await ClaimDeliveriesAsync(tenant, Now + 86_400_000));
    }

    [Theory]
    [InlineData("delivered", "delivered_at")]
    [InlineData("bounced", "bounced_at")]
    [InlineData("failed", "failed_at")]
    public async Task Delivery_data_tells_when(string status, string member)
    {
        var (tenant, mail) = await BeginAsync();
        await RecordAsync(tenant, mail, "example.org", new RecipientOutcome("ada@example.org", status, 550, "the answer"));
        using var data = JsonDocument.Parse((await tenant.MessageAsync(mail.MessageId)).DeliveryData!);
        Assert.True(data.RootElement.TryGetProperty(member, out _), data.RootElement.GetRawText());
    }

    [Fact]
    public async Task Delivery_data_tells_why_a_message_bounced()
    {
        var (tenant, mail) = await BeginAsync();
        await RecordAsync(tenant, mail, "example.org", Bounced());
        using var data = JsonDocument.Parse((await tenant.MessageAsync(mail.MessageId)).DeliveryData!);
        Assert.Contains("5.1.1 No such user", data.RootElement.GetProperty("bounce_reason").GetString(), StringComparison.Ordinal);
        Assert.Equal("hard", data.RootElement.GetProperty("bounce_type").GetString());
    }

    [Fact]
    public async Task Delivery_data_tells_why_a_message_failed()
    {
        var (tenant, mail) = await BeginAsync();
        await RecordAsync(tenant, mail, "example.org", Failed());
        using var data = JsonDocument.Parse((await tenant.MessageAsync(mail.MessageId)).DeliveryData!);
        Assert.Contains("connection refused", data.RootElement.GetProperty("failure_reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deferred_recipient_waits_for_the_next_attempt()
    {
        var (tenant, mail) = await BeginAsync();
        var job = Assert.Single(await ClaimDeliveriesAsync(tenant, Now + 60_000));
        var retryAt = Now + 900_000;
        Assert.True(await Store.Outbound.RecordAsync(job, PayloadOf(mail), [Deferred()], retryAt, Now, Cancel));

        Assert.Equal("queued", (await tenant.MessageAsync(mail.MessageId)).DeliveryStatus);
        var state = Assert.Single(await Store.Outbound.GetRecipientsAsync(tenant.OrgId, mail.MessageId, Cancel));
        Assert.Equal(("deferred", 1, 451, retryAt), (state.Status, state.Attempts, state.LastCode, state.NextAttemptAt));
        Assert.Equal(["ada@example.org"], (await Store.Outbound.LoadAsync(PayloadOf(mail), Cancel))?.Recipients);
        Assert.Single(await tenant.EventTypesAsync(), "message.delayed");
        Assert.Empty(await ClaimDeliveriesAsync(tenant, retryAt - 1));
        var again = Assert.Single(await ClaimDeliveriesAsync(tenant, retryAt));
        Assert.Equal((job.Id, 2, retryAt), (again.Id, again.Attempts, again.DueAt));
    }

    [Fact]
    public async Task What_no_host_was_asked_to_take_waits_and_is_not_told_as_sent()
    {
        var (tenant, mail) = await BeginAsync();
        var job = Assert.Single(await ClaimDeliveriesAsync(tenant, Now + 60_000));
        Assert.True(await Store.Outbound.RecordAsync(job, PayloadOf(mail), [Deferred() with { NobodyAsked = true }], Now + 120_000, Now, Cancel));

        var state = Assert.Single(await Store.Outbound.GetRecipientsAsync(tenant.OrgId, mail.MessageId, Cancel));
        Assert.Equal(("deferred", 0), (state.Status, state.Attempts));
        Assert.Single(await tenant.EventTypesAsync(), "message.delayed");
        Assert.DoesNotContain("message.sent", await tenant.EventTypesAsync());
        Assert.DoesNotContain("sent_at", (await tenant.MessageAsync(mail.MessageId)).DeliveryData, StringComparison.Ordinal);

        var again = Assert.Single(await ClaimDeliveriesAsync(tenant, Now + 120_000));
        Assert.True(await Store.Outbound.RecordAsync(again, PayloadOf(mail), [Delivered()], null, Now, Cancel));
        Assert.Single(await tenant.EventTypesAsync(), "message.sent");
        Assert.Contains("sent_at", (await tenant.MessageAsync(mail.MessageId)).DeliveryData, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_partial_answer_only_the_rest_is_tried_again()
    {
        var (tenant, mail) = await BeginAsync("ada@example.org", "eve@example.org", "joe@example.org");
        var job = Assert.Single(await ClaimDeliveriesAsync(tenant, Now + 60_000));
        RecipientOutcome[] outcomes = [Delivered(), Deferred("eve@example.org"), Deferred("joe@example.org")];
        Assert.True(await Store.Outbound.RecordAsync(job, PayloadOf(mail), outcomes, Now + 900_000, Now, Cancel));
        Assert.Equal(
            ["eve@example.org", "joe@example.org"],
            (await Store.Outbound.LoadAsync(PayloadOf(mail), Cancel))!.Recipients.Order(StringComparer.Ordinal));
        var types = await tenant.EventTypesAsync();
        Assert.Single(types, "message.delivered");
        Assert.Equal(2, types.Count(t => t == "message.delayed"));
    }

    [Fact]
    public async Task A_second_attempt_may_deliver()
    {
        var (tenant, mail) = await BeginAsync();
        var job = Assert.Single(await ClaimDeliveriesAsync(tenant, Now + 60_000));
        await Store.Outbound.RecordAsync(job, PayloadOf(mail), [Deferred()], Now + 30_000, Now, Cancel);
        Assert.Equal("delivered", await RecordAsync(tenant, mail, "example.org", Delivered()));
        Assert.Equal(2, Assert.Single(await Store.Outbound.GetRecipientsAsync(tenant.OrgId, mail.MessageId, Cancel)).Attempts);
    }

    [Fact]
    public async Task One_destination_does_not_finish_another()
    {
        var (tenant, mail) = await BeginAsync("ada@example.org", "bob@example.net");
        await RecordAsync(tenant, mail, "example.org", Delivered());
        Assert.Equal(["bob@example.net"], (await Store.Outbound.LoadAsync(PayloadOf(mail, "example.net"), Cancel))?.Recipients);
        Assert.Equal("example.net", Assert.Single(await ClaimDeliveriesAsync(tenant, Now + 60_000)).Key);
    }

    [Fact]
    public async Task A_negative_outcome_replaces_delivered()
    {
        var (tenant, mail) = await BeginAsync("ada@example.org", "bob@example.net");
        await RecordAsync(tenant, mail, "example.org", Delivered());
        Assert.Equal("bounced", await RecordAsync(tenant, mail, "example.net", Bounced("bob@example.net")));
    }

    [Fact]
    public async Task Delivered_does_not_replace_a_negative_outcome()
    {
        var (tenant, mail) = await BeginAsync("ada@example.org", "bob@example.net");
        await RecordAsync(tenant, mail, "example.org", Bounced());
        Assert.Equal("bounced", await RecordAsync(tenant, mail, "example.net", Delivered("bob@example.net")));
    }

    [Fact]
    public async Task When_all_destinations_delivered_the_message_is_delivered()
    {
        var (tenant, mail) = await BeginAsync("ada@example.org", "bob@example.net");
        await RecordAsync(tenant, mail, "example.org", Delivered());
        Assert.Equal("delivered", await RecordAsync(tenant, mail, "example.net", Delivered("bob@example.net")));
    }

    [Fact]
    public async Task A_worker_that_lost_its_lease_records_nothing()
    {
        var (tenant, mail) = await BeginAsync();
        var late = Assert.Single(await ClaimDeliveriesAsync(tenant, Now + 1_000, TimeSpan.FromSeconds(10)));
        var holder = Assert.Single(await ClaimDeliveriesAsync(tenant, Now + 12_000));
        Assert.Equal(late.Id, holder.Id);

        Assert.False(await Store.Outbound.RecordAsync(late, PayloadOf(mail), [Bounced()], null, Now + 12_000, Cancel));

        Assert.Equal("queued", (await tenant.MessageAsync(mail.MessageId)).DeliveryStatus);
        Assert.Equal("queued", Assert.Single(await Store.Outbound.GetRecipientsAsync(tenant.OrgId, mail.MessageId, Cancel)).Status);
        Assert.DoesNotContain("message.bounced", await tenant.EventTypesAsync());
        Assert.True(await Store.Outbound.RecordAsync(holder, PayloadOf(mail), [Delivered()], null, Now + 13_000, Cancel));
    }

    [Fact]
    public async Task An_outcome_is_recorded_once()
    {
        var (tenant, mail) = await BeginAsync();
        var job = Assert.Single(await ClaimDeliveriesAsync(tenant, Now + 60_000));
        Assert.True(await Store.Outbound.RecordAsync(job, PayloadOf(mail), [Delivered()], null, Now, Cancel));
        Assert.False(await Store.Outbound.RecordAsync(job, PayloadOf(mail), [Delivered()], null, Now, Cancel));
        Assert.Single(await tenant.EventTypesAsync(), "message.delivered");
    }

    [Fact]
    public async Task Two_destinations_that_finish_at_once_are_both_recorded()
    {
        var (tenant, mail) = await BeginAsync([.. Enumerable.Range(0, 16).Select(i => $"u@d{i}.example")]);
        var jobs = await ClaimDeliveriesAsync(tenant, Now + 60_000);
        Assert.Equal(16, jobs.Count);
        var recorded = await AllAtOnceAsync(16, i => Node(i).Outbound.RecordAsync(
            jobs[i], PayloadOf(mail, jobs[i].Key), [i == 3 ? Bounced($"u@{jobs[i].Key}") : Delivered($"u@{jobs[i].Key}")], null, Now, Cancel));
        Assert.All(recorded, Assert.True);
        Assert.Equal("bounced", (await tenant.MessageAsync(mail.MessageId)).DeliveryStatus);
        Assert.Equal(15, (await tenant.EventTypesAsync()).Count(t => t == "message.delivered"));
    }

    [Fact]
    public async Task Every_attempt_is_kept_with_whom_it_asked()
    {
        var (tenant, mail) = await BeginAsync();
        var job = Assert.Single(await ClaimDeliveriesAsync(tenant, Now + 1_000));
        var clear = new AttemptWay("mx1.example.org", "192.0.2.1:25");
        var secured = new AttemptWay("mx2.example.org", "[2001:db8::1]:25", "Tls13", "TLS_AES_256_GCM_SHA384", TlsVerified: true);
        Assert.True(await Store.Outbound.RecordAsync(job, PayloadOf(mail), [Deferred() with { Way = clear }], Now + 2_000, Now + 1_000, Cancel));
        job = Assert.Single(await ClaimDeliveriesAsync(tenant, Now + 2_000));
        Assert.True(await Store.Outbound.RecordAsync(job, PayloadOf(mail), [Delivered() with { Way = secured }], null, Now + 3_000, Cancel));

        var first = await Store.Outbound.ListAttemptsAsync(tenant.OrgId, mail.MessageId, 1, null, Cancel);
        var attempt = Assert.Single(first.Items);
        Assert.Equal(
            new RecipientAttempt(attempt.Id, "ada@example.org", Now + 1_000, "deferred", 451, "451 4.7.1 Greylisted", clear), attempt);
        var second = await Store.Outbound.ListAttemptsAsync(tenant.OrgId, mail.MessageId, 1, first.Next, Cancel);
        attempt = Assert.Single(second.Items);
        Assert.Equal(
            new RecipientAttempt(attempt.Id, "ada@example.org", Now + 3_000, "delivered", 250, "250 2.0.0 Ok", secured), attempt);
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task Where_nobody_was_asked_there_is_no_attempt()
    {
        var (tenant, mail) = await BeginAsync();
        var job = Assert.Single(await ClaimDeliveriesAsync(tenant, Now + 1_000));
        Assert.True(await Store.Outbound.RecordAsync(job, PayloadOf(mail), [Deferred()], Now + 2_000, Now + 1_000, Cancel));
        Assert.Empty((await Store.Outbound.ListAttemptsAsync(tenant.OrgId, mail.MessageId, 10, null, Cancel)).Items);
    }

    [Fact]
    public async Task The_attempts_of_another_organisation_are_not_seen()
    {
        var (tenant, mail) = await BeginAsync();
        var job = Assert.Single(await ClaimDeliveriesAsync(tenant, Now + 1_000));
        await Store.Outbound.RecordAsync(job, PayloadOf(mail), [Deferred() with { Way = new AttemptWay(null) }], Now + 2_000, Now + 1_000, Cancel);
        Assert.Single((await Store.Outbound.ListAttemptsAsync(tenant.OrgId, mail.MessageId, 10, null, Cancel)).Items);
        Assert.Empty((await Store.Outbound.ListAttemptsAsync((await NewTenantAsync()).OrgId, mail.MessageId, 10, null, Cancel)).Items);
    }

    [Theory]
    [InlineData(DomainTls.Opportunistic)]
    [InlineData(DomainTls.Require)]
    [InlineData(DomainTls.Verify)]
    public async Task A_delivery_knows_what_its_sending_domain_asks_of_the_way(string tls)
    {
        var (tenant, mail) = await BeginAsync();
        Assert.Equal(DomainTls.Opportunistic, (await Store.Outbound.LoadAsync(PayloadOf(mail), Cancel))!.Tls);
        Assert.True(await Store.Domains.SetTlsAsync(tenant.OrgId, tenant.Domain.Id, tls, Cancel));
        Assert.Equal(tls, (await Store.Domains.GetAsync(tenant.OrgId, tenant.Domain.Id, Cancel))!.Tls);
        Assert.Equal(tls, (await Store.Outbound.LoadAsync(PayloadOf(mail), Cancel))!.Tls);
    }
}
