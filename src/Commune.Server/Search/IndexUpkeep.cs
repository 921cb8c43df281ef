using Commune.Storage;

namespace Commune.Server.Search;

/// <summary>
/// Keeps the index of one organisation in order, as a job: merges waiting terms into segments and segments into larger ones, takes deleted mail out of
/// them, and indexes mail of earlier versions. Each step is a transaction of its own; a crash loses at most the step.
/// </summary>
internal sealed class IndexUpkeep(IStore store, MergeSegments merge, PurgeDeleted purge, IndexOlderMail older, TimeProvider time)
{
    /// <summary>After this an organisation gives its place to the next one.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(5);

    /// <summary>After this it is seen whether mail still comes in.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    public async Task RunAsync(Job job, CancellationToken cancellation)
    {
        var begun = time.GetTimestamp();
        bool IsOver() => time.GetElapsedTime(begun) >= Turn;
        while (await store.SearchIndex.PlanAsync(job.OrgId, cancellation) is { NeedsWork: true } plan)
        {
            if (plan.CanWait(time.GetUtcNow().ToUnixTimeMilliseconds()))
            {
                await store.Jobs.RescheduleAsync(job, (time.GetUtcNow() + Pause).ToUnixTimeMilliseconds(), cancellation);
                return;
            }
            if (IsOver() || !await StepAsync(job, plan, IsOver, cancellation))
            {
                await store.Jobs.RescheduleAsync(job, time.GetUtcNow().ToUnixTimeMilliseconds(), cancellation);
                return;
            }
        }
        await store.Jobs.CompleteAsync(job, cancellation);
        // What came between the last look and the end of the job found the job there, and asked for no other.
        if (await store.SearchIndex.NeedsWorkAsync(job.OrgId, cancellation))
            await store.SearchIndex.AskAsync(job.OrgId, cancellation);
    }

    /// <returns>False when the lease is lost or the turn is over.</returns>
    private async Task<bool> StepAsync(Job job, SearchPlan plan, Func<bool> isOver, CancellationToken cancellation)
    {
        if (plan.Segments.FirstOrDefault(static segment => segment.State == SegmentState.Building) is { } begun)
            return await merge.GoOnAsync(job, plan, begun, isOver, cancellation);
        if (plan.Deletion > 0)
            return await purge.RunAsync(job, plan, cancellation);
        if (plan.LeftBehind || plan.Segments.Any(static segment => segment.State == SegmentState.Dead))
            return await store.SearchIndex.CleanAsync(job, cancellation);
        if (plan.Waits)
            return await merge.WaitingAsync(job, plan, cancellation);
        if (plan.FindMerge() is { } segments)
            return await merge.SegmentsAsync(job, plan, segments, isOver, cancellation);
        return await older.RunAsync(job, plan.BackfillPlace!, cancellation);
    }
}
