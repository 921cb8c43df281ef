using Commune.Storage;

namespace Commune.Server.Deletion;

/// <summary>Finishes a deletion that no request finishes: a large one, or one that a crash cut short.</summary>
internal sealed partial class FinishDeletion(IStore store, ExecuteDeletion execute, ILogger<FinishDeletion> log)
{
    private const int MostAttempts = 20;

    /// <summary>What is thrown brings the job back; a deletion that keeps failing is marked as failed in the end, for its owner to see.</summary>
    public async Task RunAsync(Job job, CancellationToken cancellation)
    {
        try
        {
            await execute.FinishAsync(job.OrgId, job.Payload, cancellation);
        }
        catch (Exception error) when (error is not OperationCanceledException && job.Attempts >= MostAttempts)
        {
            LogGivenUp(log, error, job.Payload);
            await store.Deletions.FailAsync(job.OrgId, job.Payload, $"The deletion failed {MostAttempts} times; the server's log tells why", cancellation);
        }
        await store.Jobs.CompleteAsync(job, cancellation);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Deletion {RequestId} failed too often and is given up")]
    private static partial void LogGivenUp(ILogger log, Exception error, string requestId);
}
