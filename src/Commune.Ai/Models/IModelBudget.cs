namespace Commune.Ai.Models;

/// <summary>Tokens that a call cost: as the other side counts, or as we estimate where it does not say.</summary>
public readonly record struct ModelUsage(int InputTokens, int OutputTokens)
{
    public int Total => (int)Math.Min(int.MaxValue, (long)InputTokens + OutputTokens);

    public static ModelUsage operator +(ModelUsage a, ModelUsage b) => new(Sum(a.InputTokens, b.InputTokens), Sum(a.OutputTokens, b.OutputTokens));

    private static int Sum(int a, int b) => (int)Math.Min(int.MaxValue, (long)a + b);
}

/// <summary>What an organisation may spend on models.</summary>
public interface IModelBudget
{
    /// <summary>Asked before each attempt of a call: false refuses it. What it takes is given back or corrected by <see cref="SpentAsync"/>.</summary>
    /// <param name="estimatedTokens">Of the question and the longest answer.</param>
    ValueTask<bool> TryTakeAsync(string orgId, int estimatedTokens, CancellationToken ct);

    /// <summary>Told once after each attempt that <see cref="TryTakeAsync"/> let pass, also after one that failed.</summary>
    /// <param name="estimatedTokens">The same number as before.</param>
    /// <param name="usage">What it did cost; zero when nothing was answered.</param>
    ValueTask SpentAsync(string orgId, int estimatedTokens, ModelUsage usage, CancellationToken ct);
}
