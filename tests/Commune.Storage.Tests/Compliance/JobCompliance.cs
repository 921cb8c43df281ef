using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

public abstract class JobCompliance(Engine engine) : StoreCompliance(engine)
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    /// <summary>Jobs are not of one organisation: each fact has a kind of its own.</summary>
    private readonly string kind = EntityId.New("kind");

    private async Task<NewJob> AddAsync(string key = "k", long? dueAt = null)
    {
        var job = new NewJob(EntityId.New("job_"), kind, key, Engine.Bootstrap.Organisation.Id, """{"a":"ü"}""", dueAt ?? Now);
        await Store.Jobs.AddAsync(job, Cancel);
        return job;
    }

    private async Task AddManyAsync(string orgId, int count, Func<int, string> keyOf, long dueAt)
    {
        await Task.WhenAll(Enumerable.Range(0, count).Select(i =>
            Store.Jobs.AddAsync(new NewJob(EntityId.New("job_"), kind, keyOf(i), orgId, "{}", dueAt), Cancel)));
    }

    private Task<IReadOnlyList<Job>> ClaimAsync(int max = 100, int maxPerKey = 100, long? now = null, int node = 0) =>
        Node(node).Jobs.ClaimAsync(kind, max, maxPerKey, now ?? Now, Lease, Cancel);

    [Fact]
    public async Task A_due_job_is_given_with_all_it_holds()
    {
        var added = await AddAsync(dueAt: Now - 5);
        var job = Assert.Single(await ClaimAsync());
        Assert.Equal(
            new Job(added.Id, kind, "k", added.OrgId, added.Payload, 1, Now - 5, job.Lease), job);
        Assert.NotEmpty(job.Lease);
    }

    [Fact]
    public async Task Waiting_jobs_are_counted_by_kind_and_those_that_are_due_apart()
    {
        await AddAsync(dueAt: Now - 5);
        await AddAsync(dueAt: Now);
        await AddAsync(dueAt: Now + 1);
        var waiting = await Store.CountWaitingAsync(Now, "a:model", Cancel);
        Assert.Equal(new WaitingJobs(kind, 3, 2, Now - 5), Assert.Single(waiting.Jobs, jobs => jobs.Kind == kind));
    }

    [Fact]
    public async Task A_job_is_due_from_its_very_moment_and_not_before()
    {
        await AddAsync(dueAt: Now + 10);
        Assert.Empty(await ClaimAsync(now: Now + 9));
        Assert.Single(await ClaimAsync(now: Now + 10));
    }

    [Fact]
    public async Task A_leased_job_is_given_to_nobody_else()
    {
        await AddAsync();
        Assert.Single(await ClaimAsync());
        Assert.Empty(await ClaimAsync(node: 1));
    }

    [Fact]
    public async Task Jobs_of_another_kind_are_not_given()
    {
        await AddAsync();
        Assert.Empty(await Store.Jobs.ClaimAsync("other", 10, 10, Now, Lease, Cancel));
    }

    [Fact]
    public async Task The_earliest_due_come_first()
    {
        var (second, first, third) = (await AddAsync("a", Now - 20), await AddAsync("b", Now - 30), await AddAsync("c", Now - 10));
        Assert.Equal([first.Id, second.Id], (await ClaimAsync(max: 2)).Select(j => j.Id));
        Assert.Equal(third.Id, Assert.Single(await ClaimAsync()).Id);
    }

    [Fact]
    public async Task Concurrent_claims_never_give_a_job_twice()
    {
        for (var i = 0; i < 100; i++)
            await AddAsync($"k{i % 10}");
        var claims = await AllAtOnceAsync(16, i => ClaimAsync(max: 10, node: i));
        var ids = claims.SelectMany(c => c).Select(j => j.Id).ToList();
        ids.AddRange((await ClaimAsync()).Select(j => j.Id));
        Assert.Equal(100, ids.Count);
        Assert.Equal(100, ids.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task No_key_gets_more_than_its_share_counting_what_is_leased_already()
    {
        for (var i = 0; i < 5; i++)
            await AddAsync("slow", Now - 100 + i);
        Assert.Equal(2, (await ClaimAsync(max: 2, maxPerKey: 3)).Count);
        Assert.Single(await ClaimAsync(maxPerKey: 3));
        Assert.Empty(await ClaimAsync(maxPerKey: 3));
    }

    [Fact]
    public async Task Concurrent_claims_keep_the_share_of_a_key()
    {
        for (var i = 0; i < 40; i++)
            await AddAsync("slow");
        var claims = await AllAtOnceAsync(8, i => ClaimAsync(max: 10, maxPerKey: 3, node: i));
        Assert.Equal(3, claims.Sum(c => c.Count));
    }

    [Fact]
    public async Task A_long_queue_of_one_key_does_not_hide_the_job_of_another()
    {
        for (var i = 0; i < 300; i++)
            await AddAsync("slow", Now - 1_000 + i);
        var other = await AddAsync("fast", Now);
        var claimed = await ClaimAsync(max: 10, maxPerKey: 2);
        Assert.Contains(other.Id, claimed.Select(j => j.Id));
        Assert.Equal(3, claimed.Count);
    }

    [Fact]
    public async Task However_many_keys_of_one_organisation_wait_another_gets_a_place()
    {
        var greedy = (await NewTenantAsync()).OrgId;
        var other = (await NewTenantAsync()).OrgId;
        await AddManyAsync(greedy, 400, static i => $"hanging{i}", Now - 1_000);
        await AddManyAsync(other, 1, static _ => "fast", Now);

        var first = await Store.Jobs.ClaimAsync(kind, 16, 4, Now, Lease, Cancel, new Dictionary<string, int>(StringComparer.Ordinal));
        Assert.Equal(8, first.Count(job => job.OrgId == greedy));
        Assert.Single(first, job => job.OrgId == other);
        var held = new Dictionary<string, int>(StringComparer.Ordinal) { [greedy] = 8 };
        Assert.Empty(await Store.Jobs.ClaimAsync(kind, 8, 4, Now, Lease, Cancel, held));
        await AddManyAsync(other, 1, static _ => "again", Now);
        Assert.Equal(other, Assert.Single(await Store.Jobs.ClaimAsync(kind, 8, 4, Now, Lease, Cancel, held)).OrgId);
    }

    [Fact]
    public async Task Behind_more_keys_than_are_stepped_over_at_a_time_a_job_is_found()
    {
        var greedy = (await NewTenantAsync()).OrgId;
        await AddManyAsync(greedy, 2_500, static i => $"k{i:0000}", Now - 1_000);
        await AddManyAsync(greedy, 1, static _ => "z", Now);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 40 && !seen.Contains("z"); i++)
            seen.UnionWith((await ClaimAsync(max: 100, maxPerKey: 1, now: Now + i * 30)).Select(static job => job.Key));
        Assert.Contains("z", seen);
    }

    [Fact]
    public async Task A_postponed_job_comes_back_at_its_time_and_was_no_attempt()
    {
        await AddAsync();
        var job = Assert.Single(await ClaimAsync());
        Assert.True(await Store.Jobs.PostponeAsync(job, Now + 5_000, Cancel));
        Assert.False(await Store.Jobs.PostponeAsync(job, Now, Cancel));
        Assert.Empty(await ClaimAsync(now: Now + 4_999));
        var again = Assert.Single(await ClaimAsync(now: Now + 5_000));
        Assert.Equal((job.Id, 1), (again.Id, again.Attempts));
    }

    [Fact]
    public async Task A_finished_job_is_gone()
    {
        await AddAsync();
        var job = Assert.Single(await ClaimAsync());
        Assert.True(await Store.Jobs.CompleteAsync(job, Cancel));
        Assert.False(await Store.Jobs.CompleteAsync(job, Cancel));
        Assert.Empty(await ClaimAsync(now: Now + 86_400_000));
        Assert.Null(await Store.Jobs.NextDueAsync(kind, Cancel));
    }

    [Fact]
    public async Task A_job_whose_lease_ran_out_is_given_to_another_and_the_late_worker_cannot_touch_it()
    {
        await AddAsync();
        var late = Assert.Single(await ClaimAsync());
        Assert.Empty(await ClaimAsync(now: Now + (long)Lease.TotalMilliseconds - 1));
        var holder = Assert.Single(await ClaimAsync(now: Now + (long)Lease.TotalMilliseconds + 1, node: 1));
        Assert.Equal((late.Id, 2), (holder.Id, holder.Attempts));
        Assert.NotEqual(late.Lease, holder.Lease);

        Assert.False(await Store.Jobs.CompleteAsync(late, Cancel));
        Assert.False(await Store.Jobs.RenewAsync(late, Now + 999_999, Cancel));
        Assert.False(await Store.Jobs.RescheduleAsync(late, Now, Cancel));
        Assert.True(await Store.Jobs.CompleteAsync(holder, Cancel));
    }

    [Fact]
    public async Task A_lease_that_ran_out_no_longer_counts_against_its_key()
    {
        await AddAsync("k", Now - 2);
        await AddAsync("k", Now - 1);
        Assert.Single(await ClaimAsync(maxPerKey: 1));
        Assert.Single(await ClaimAsync(maxPerKey: 1, now: Now + (long)Lease.TotalMilliseconds + 1));
    }

    [Fact]
    public async Task A_renewed_lease_holds_longer()
    {
        await AddAsync();
        var job = Assert.Single(await ClaimAsync());
        Assert.True(await Store.Jobs.RenewAsync(job, Now + 600_000, Cancel));
        Assert.Empty(await ClaimAsync(now: Now + 599_999));
        Assert.Single(await ClaimAsync(now: Now + 600_001));
    }

    [Fact]
    public async Task A_rescheduled_job_comes_back_at_its_time_and_counts_its_attempts()
    {
        await AddAsync();
        var job = Assert.Single(await ClaimAsync());
        Assert.True(await Store.Jobs.RescheduleAsync(job, Now + 5_000, Cancel));
        Assert.False(await Store.Jobs.CompleteAsync(job, Cancel));
        Assert.Empty(await ClaimAsync(now: Now + 4_999));
        var again = Assert.Single(await ClaimAsync(now: Now + 5_000));
        Assert.Equal((job.Id, 2, Now + 5_000), (again.Id, again.Attempts, again.DueAt));
    }

    [Fact]
    public async Task Next_due_is_the_earliest_of_the_waiting_jobs()
    {
        Assert.Null(await Store.Jobs.NextDueAsync(kind, Cancel));
        await AddAsync(dueAt: Now + 9_000);
        await AddAsync(dueAt: Now + 7_000);
        Assert.Equal(Now + 7_000, await Store.Jobs.NextDueAsync(kind, Cancel));
    }

    [Fact]
    public async Task Next_due_is_the_end_of_a_lease_when_that_comes_first()
    {
        await AddAsync();
        Assert.Single(await ClaimAsync());
        Assert.Equal(Now + (long)Lease.TotalMilliseconds, await Store.Jobs.NextDueAsync(kind, Cancel));
        await AddAsync(dueAt: Now + 86_400_000);
        Assert.Equal(Now + (long)Lease.TotalMilliseconds, await Store.Jobs.NextDueAsync(kind, Cancel));
        await AddAsync(dueAt: Now + 1);
        Assert.Equal(Now + 1, await Store.Jobs.NextDueAsync(kind, Cancel));
    }

    [Fact]
    public async Task Adding_a_job_wakes_a_worker_that_waits()
    {
        var waiting = Store.Jobs.WaitAsync(kind, TimeSpan.FromHours(1), Cancel);
        await AddAsync();
        await waiting.WaitAsync(Patience, Cancel);
    }

    [Fact]
    public async Task A_job_that_was_added_before_the_wait_is_not_slept_through()
    {
        var waiting = Store.Jobs.WaitAsync(kind, TimeSpan.FromHours(1), Cancel);
        await AddAsync();
        await waiting.WaitAsync(Patience, Cancel);
        await AddAsync();
        await Store.Jobs.WaitAsync(kind, TimeSpan.FromHours(1), Cancel).WaitAsync(Patience, Cancel);
    }

    [Fact]
    public async Task Queueing_mail_wakes_the_worker_that_delivers()
    {
        var tenant = await NewTenantAsync();
        var waiting = Store.Jobs.WaitAsync(JobKind.Deliver, TimeSpan.FromHours(1), Cancel);
        await tenant.SendAsync(tenant.Outgoing(await tenant.AddInboxAsync()));
        await waiting.WaitAsync(Patience, Cancel);
    }

    [Fact]
    public async Task A_wait_ends_after_its_time()
    {
        var waiting = Store.Jobs.WaitAsync(kind, TimeSpan.FromSeconds(30), Cancel);
        using var limit = new CancellationTokenSource(Patience);
        while (!waiting.IsCompleted)
        {
            Assert.False(limit.IsCancellationRequested, "The wait outlived its time");
            Time.Advance(TimeSpan.FromSeconds(30));
            await Task.Yield();
        }

        await waiting;
    }

    [Fact]
    public async Task A_wait_can_be_given_up()
    {
        using var stop = new CancellationTokenSource();
        var waiting = Store.Jobs.WaitAsync(kind, TimeSpan.FromHours(1), stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Patience, Cancel));
    }

    [Fact]
    public async Task A_job_that_another_node_adds_wakes_a_worker_here()
    {
        var waiting = Store.Jobs.WaitAsync(kind, TimeSpan.FromHours(1), Cancel);
        using var limit = new CancellationTokenSource(Patience);
        while (!waiting.IsCompleted)
        {
            // A hint may be lost while the node is only beginning to listen; the next one must not be.
            Assert.False(limit.IsCancellationRequested, "No hint came from the other node");
            await Node(1).Jobs.AddAsync(new NewJob(EntityId.New("job_"), kind, "k", Engine.Bootstrap.Organisation.Id, "{}", Now), Cancel);
        }

        await waiting;
    }
}
