using Commune.Server.Outbound;
using Commune.Storage;

namespace Commune.Server.Deletion;

/// <summary>Carries out confirmed deletions, batch by batch: for a while in the request that confirms, then as a job.</summary>
internal sealed class ExecuteDeletion(IStore store, BlobGarbage garbage, JustQueued queued, TimeProvider time)
{
    /// <summary>By then the request that confirmed has finished, or will not.</summary>
    public static readonly TimeSpan JobTakesOverAfter = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan WithinRequest = TimeSpan.FromSeconds(10);

    /// <summary>Executes as much as a caller can be made to wait for.</summary>
    public async Task BeginAsync(string orgId, string requestId, CancellationToken cancellation)
    {
        var begun = time.GetTimestamp();
        while (time.GetElapsedTime(begun) < WithinRequest)
        {
            if (!await StepAsync(orgId, requestId, cancellation))
                continue;
            await garbage.RemoveAsync(cancellation);
            return;
        }
    }

    /// <summary>Executes to the end.</summary>
    public async Task FinishAsync(string orgId, string requestId, CancellationToken cancellation)
    {
        while (!await StepAsync(orgId, requestId, cancellation))
            cancellation.ThrowIfCancellationRequested();
        await garbage.RemoveAsync(cancellation);
    }

    private Task<bool> StepAsync(string orgId, string requestId, CancellationToken cancellation)
    {
        queued.Forget();
        return store.Deletions.StepAsync(orgId, requestId, time.GetUtcNow().ToUnixTimeMilliseconds(), cancellation);
    }
}
