namespace Commune.Ai.Models;

/// <summary>Lets every call pass, and counts none.</summary>
public sealed class UnlimitedBudget : IModelBudget
{
    public ValueTask<bool> TryTakeAsync(string orgId, int estimatedTokens, CancellationToken ct) => ValueTask.FromResult(true);

    public ValueTask SpentAsync(string orgId, int estimatedTokens, ModelUsage usage, CancellationToken ct) => ValueTask.CompletedTask;
}
