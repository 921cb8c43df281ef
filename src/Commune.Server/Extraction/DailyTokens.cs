using Commune.Ai.Models;
using Commune.Storage;

namespace Commune.Server.Extraction;

/// <summary>Holds each organisation to its tokens of a day, over all nodes.</summary>
internal sealed class DailyTokens(IStore store, ExtractionOptions options, TimeProvider time) : IModelBudget
{
    private long Today => time.GetUtcNow().ToUnixTimeMilliseconds() / 86_400_000;

    public async ValueTask<bool> TryTakeAsync(string orgId, int estimatedTokens, CancellationToken ct) =>
        await store.ModelSpending.TryTakeAsync(orgId, Today, estimatedTokens, options.DailyTokens == 0 ? long.MaxValue / 2 : options.DailyTokens, ct);

    public async ValueTask SpentAsync(string orgId, int estimatedTokens, ModelUsage usage, CancellationToken ct)
    {
        if (usage.Total != estimatedTokens)
            await store.ModelSpending.CorrectAsync(orgId, Today, (long)usage.Total - estimatedTokens, ct);
    }
}
