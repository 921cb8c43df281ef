namespace Commune.Ai.Models;

/// <summary>
/// So many tokens for each organisation and day (UTC), counted in memory: a node of several counts for itself, and a restart begins anew. It keeps
/// a runaway from becoming dear; it is no bookkeeping.
/// </summary>
/// <param name="tokensPerDay">Null for no limit.</param>
public sealed class DailyModelBudget(long? tokensPerDay, TimeProvider time) : IModelBudget
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, long> spent = new(StringComparer.Ordinal);
    private DateOnly day;

    public ValueTask<bool> TryTakeAsync(string orgId, int estimatedTokens, CancellationToken ct)
    {
        lock (gate)
        {
            BeginDay();
            var total = spent.GetValueOrDefault(orgId) + estimatedTokens;
            if (total > tokensPerDay)
                return ValueTask.FromResult(false);
            spent[orgId] = total;
            return ValueTask.FromResult(true);
        }
    }

    public ValueTask SpentAsync(string orgId, int estimatedTokens, ModelUsage usage, CancellationToken ct)
    {
        lock (gate)
        {
            // What was taken yesterday is not given back to today.
            BeginDay();
            spent[orgId] = Math.Max(0, spent.GetValueOrDefault(orgId) - estimatedTokens + usage.Total);
        }
        return ValueTask.CompletedTask;
    }

    private void BeginDay()
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        if (today == day)
            return;
        day = today;
        spent.Clear();
    }
}
