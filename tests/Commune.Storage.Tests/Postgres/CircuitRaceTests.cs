using Commune.Storage.Tests.Testing;
using Npgsql;

namespace Commune.Storage.Tests.Postgres;

/// <summary>A success that another node's failures overtake between its look at the circuit and its end.</summary>
public sealed class CircuitRaceTests(PostgresEngine engine) : StoreCompliance(engine), IClassFixture<PostgresEngine>
{
    [Fact]
    public async Task A_circuit_that_opens_while_a_success_is_recorded_is_not_closed_without_a_word()
    {
        var tenant = await NewTenantAsync();
        var inbox = tenant.NewInbox() with { Webhook = new WebhookSetting("https://hooks.example/race", ["inbound"], "whsec_x") };
        Assert.True(await Store.Inboxes.CreateAsync(inbox, Cancel));
        for (var i = 0; i < 3; i++)
            await tenant.ReceiveAsync(inbox, new Letter());
        var jobs = (await Store.Jobs.ClaimAsync(JobKind.Webhook, 100, 100, Now, TimeSpan.FromMinutes(5), Cancel)).Where(job => job.OrgId == tenant.OrgId).ToList();

        // The job's row is held, so that the success waits behind its look at the circuit.
        await using var source = NpgsqlDataSource.Create(((PostgresEngine)Engine).ConnectionString);
        await using var holder = await source.OpenConnectionAsync(Cancel);
        await using var held = await holder.BeginTransactionAsync(Cancel);
        await using (var hold = new NpgsqlCommand("SELECT 1 FROM jobs WHERE id = $1 FOR UPDATE", holder, held) { Parameters = { new() { Value = jobs[0].Id } } })
            await hold.ExecuteNonQueryAsync(Cancel);
        var success = Node(0).Webhooks.RecordAsync(jobs[0], inbox.Webhook!.Endpoint, Outcome(200), Cancel);
        await WaitForWaiterAsync(source, holder.ProcessID);

        foreach (var job in jobs[1..])
            Assert.True(await Node(1).Webhooks.RecordAsync(job, inbox.Webhook.Endpoint, Outcome(500), Cancel));
        await held.CommitAsync(Cancel);
        Assert.True(await success);

        var open = Assert.Single((await Store.Webhooks.GetHealthAsync(tenant.OrgId, 0, Cancel)).Endpoints).OpenUntil > 0;
        var told = (await tenant.EventTypesAsync()).Where(static type => type is "webhook.paused" or "webhook.resumed").ToList();
        Assert.Equal((string[])(open ? ["webhook.paused"] : ["webhook.paused", "webhook.resumed"]), told);
    }

    private WebhookOutcome Outcome(int code) =>
        new(code, code < 300 ? null : $"HTTP {code}", 1, Now, Now, code < 300 ? null : Now + 5000, Disables: false, Threshold: 2, Now + 300_000);

    private static async Task WaitForWaiterAsync(NpgsqlDataSource source, int holder)
    {
        await using var waiting = source.CreateCommand("SELECT 1 FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))");
        waiting.Parameters.Add(new() { Value = holder });
        var start = TimeProvider.System.GetTimestamp();
        while (await waiting.ExecuteScalarAsync(Cancel) is null)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Patience, "the success never came to wait");
            await Task.Yield();
        }
    }
}
