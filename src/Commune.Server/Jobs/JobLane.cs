using Commune.Storage;

namespace Commune.Server.Jobs;

/// <summary>Jobs of one kind, with places of their own, and what is done with each.</summary>
/// <param name="Places">Jobs that are under way at once. Of those that are free an organisation gets half at most.</param>
/// <param name="PlacesPerKey">Those of one destination, one endpoint.</param>
/// <param name="RunAsync">
/// Ends the job or gives it a new time, in the transaction that records what became of it. The token is cancelled when another worker has the job.
/// </param>
internal sealed record JobLane(string Kind, int Places, int PlacesPerKey, Func<Job, CancellationToken, Task> RunAsync)
{
    /// <summary>Claims follow each other no faster, so that one takes up all that came and ended meanwhile. A lane that nobody waits for can have a longer time.</summary>
    public TimeSpan ClaimEvery { get; init; } = TimeSpan.FromMilliseconds(3);
}
