using System.Security.Cryptography;
using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

/// <summary>Contract section 5.</summary>
public abstract class IdempotencyCompliance(Engine engine) : StoreCompliance(engine)
{
    private static readonly byte[] Fingerprint = SHA256.HashData("request"u8);

    private static IdempotencyClaim Claim(string body = "{}", byte[]? fingerprint = null) =>
        new("key-1", fingerprint ?? Fingerprint, 202, System.Text.Encoding.UTF8.GetBytes(body));

    private async Task<(Tenant Tenant, Inbox Inbox)> BeginAsync()
    {
        var tenant = await NewTenantAsync();
        return (tenant, await tenant.AddInboxAsync());
    }

    [Fact]
    public async Task A_repeat_gets_the_first_response_byte_for_byte_and_sends_nothing()
    {
        var (tenant, inbox) = await BeginAsync();
        await tenant.SendAsync(tenant.Outgoing(inbox) with { Idempotency = Claim("first ü") });
        var again = await Store.Outbound.QueueAsync(tenant.Outgoing(inbox) with { Idempotency = Claim("second") }, Cancel);
        var replayed = Assert.IsType<QueueResult.Replayed>(again);
        Assert.Equal(202, replayed.Status);
        Assert.Equal("first ü"u8.ToArray(), replayed.Body);
        Assert.Single((await Store.Messages.ListAsync(tenant.Messages(inbox), Cancel)).Items);
        Assert.Single(await tenant.EventTypesAsync(), "message.queued");
    }

    [Fact]
    public async Task A_key_with_another_request_is_refused()
    {
        var (tenant, inbox) = await BeginAsync();
        await tenant.SendAsync(tenant.Outgoing(inbox) with { Idempotency = Claim() });
        var other = tenant.Outgoing(inbox) with { Idempotency = Claim(fingerprint: SHA256.HashData("other"u8)) };
        Assert.IsType<QueueResult.KeyReused>(await Store.Outbound.QueueAsync(other, Cancel));
        Assert.Single((await Store.Messages.ListAsync(tenant.Messages(inbox), Cancel)).Items);
    }

    [Fact]
    public async Task A_key_can_be_looked_up_before_the_message_is_composed()
    {
        var (tenant, inbox) = await BeginAsync();
        Assert.Null(await Store.Outbound.FindIdempotentAsync(tenant.OrgId, "key-1", Fingerprint, Now, Cancel));
        await tenant.SendAsync(tenant.Outgoing(inbox) with { Idempotency = Claim("body") });
        var found = await Store.Outbound.FindIdempotentAsync(tenant.OrgId, "key-1", Fingerprint, Now, Cancel);
        Assert.Equal("body"u8.ToArray(), Assert.IsType<QueueResult.Replayed>(found).Body);
        Assert.IsType<QueueResult.KeyReused>(await Store.Outbound.FindIdempotentAsync(tenant.OrgId, "key-1", new byte[32], Now, Cancel));
        Assert.Null(await Store.Outbound.FindIdempotentAsync(tenant.OrgId, "key-2", Fingerprint, Now, Cancel));
    }

    [Fact]
    public async Task Keys_differ_by_case()
    {
        var (tenant, inbox) = await BeginAsync();
        await tenant.SendAsync(tenant.Outgoing(inbox) with { Idempotency = Claim() });
        Assert.Null(await Store.Outbound.FindIdempotentAsync(tenant.OrgId, "KEY-1", Fingerprint, Now, Cancel));
    }

    [Fact]
    public async Task A_key_belongs_to_one_organisation()
    {
        var (one, inboxOne) = await BeginAsync();
        var (two, inboxTwo) = await BeginAsync();
        await one.SendAsync(one.Outgoing(inboxOne) with { Idempotency = Claim() });
        await two.SendAsync(two.Outgoing(inboxTwo) with { Idempotency = Claim() });
    }

    [Fact]
    public async Task A_key_is_remembered_for_24_hours_and_no_longer()
    {
        var (tenant, inbox) = await BeginAsync();
        await tenant.SendAsync(tenant.Outgoing(inbox) with { Idempotency = Claim() });
        Time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromMinutes(1));
        Assert.IsType<QueueResult.Replayed>(await Store.Outbound.QueueAsync(tenant.Outgoing(inbox) with { Idempotency = Claim() }, Cancel));
        Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Null(await Store.Outbound.FindIdempotentAsync(tenant.OrgId, "key-1", Fingerprint, Now, Cancel));
        await tenant.SendAsync(tenant.Outgoing(inbox) with { Idempotency = Claim("new") });
        var replayed = Assert.IsType<QueueResult.Replayed>(
            await Store.Outbound.FindIdempotentAsync(tenant.OrgId, "key-1", Fingerprint, Now, Cancel));
        Assert.Equal("new"u8.ToArray(), replayed.Body);
    }

    [Fact]
    public async Task An_old_key_may_come_back_with_another_request()
    {
        var (tenant, inbox) = await BeginAsync();
        await tenant.SendAsync(tenant.Outgoing(inbox) with { Idempotency = Claim() });
        Time.Advance(TimeSpan.FromHours(25));
        await tenant.SendAsync(tenant.Outgoing(inbox) with { Idempotency = Claim(fingerprint: new byte[32]) });
    }

    [Fact]
    public async Task Sweeping_forgets_old_keys_and_no_young_ones()
    {
        var (tenant, inbox) = await BeginAsync();
        await tenant.SendAsync(tenant.Outgoing(inbox) with { Idempotency = Claim() });
        var queuedAt = Now;
        await Store.SweepAsync(queuedAt + 86_000_000, Cancel);
        Assert.NotNull(await Store.Outbound.FindIdempotentAsync(tenant.OrgId, "key-1", Fingerprint, queuedAt, Cancel));
        await Store.SweepAsync(queuedAt + 87_000_000, Cancel);
        Assert.Null(await Store.Outbound.FindIdempotentAsync(tenant.OrgId, "key-1", Fingerprint, queuedAt, Cancel));
    }

    [Fact]
    public async Task Of_16_that_send_with_one_key_at_once_one_sends_and_15_get_its_response()
    {
        var (tenant, inbox) = await BeginAsync();
        var results = await AllAtOnceAsync(
            16, i => Node(i).Outbound.QueueAsync(tenant.Outgoing(inbox) with { Idempotency = Claim($"body {i}") }, Cancel));
        Assert.Single(results.OfType<QueueResult.Queued>());
        var replayed = results.OfType<QueueResult.Replayed>().ToList();
        Assert.Equal(15, replayed.Count);
        Assert.All(replayed, r => Assert.Equal(replayed[0].Body, r.Body));
        Assert.Single((await Store.Messages.ListAsync(tenant.Messages(inbox), Cancel)).Items);
    }
}
