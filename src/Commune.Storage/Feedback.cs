namespace Commune.Storage;

/// <summary>What a client told us of its own accord.</summary>
/// <param name="Type"><c>error</c>, <c>feature</c> or <c>signal</c> (contract section 18).</param>
/// <param name="Actor">The id of the key or agent that sent it.</param>
/// <param name="Context">JSON text, or null.</param>
public sealed record Feedback(string OrgId, string Id, string Actor, string Type, string Message, string? Context, long CreatedAt);

public interface IFeedbackStore
{
    Task AddAsync(Feedback feedback, CancellationToken cancellation);
}
