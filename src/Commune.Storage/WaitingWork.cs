namespace Commune.Storage;

/// <summary>What is not done yet, over all organisations.</summary>
/// <param name="Unindexed">Messages that an earlier version stored and that are not in the index.</param>
/// <param name="Unembedded">Documents that have no vector of a provider's model; 0 when none was asked about.</param>
public sealed record WaitingWork(IReadOnlyList<WaitingJobs> Jobs, long Unindexed, long Unembedded);

/// <summary>Jobs of one kind.</summary>
/// <param name="Due">Those whose time has come, under way or not.</param>
/// <param name="OldestDueAt">The earliest time that any of them has.</param>
public sealed record WaitingJobs(string Kind, long Waiting, long Due, long? OldestDueAt);
