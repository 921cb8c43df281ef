using Commune.Ai.Models;
using Commune.Storage;

namespace Commune.Server.Hosting;

/// <summary>Holds each organisation to its tokens of a day (UTC) for one kind of work, over all nodes.</summary>
internal sealed class DailyTokens : IModelBudget
{
    private readonly IStore store;
    private readonly string work;
    private readonly long perDay;
    private readonly TimeProvider time;

    private DailyTokens(IStore store, string work, long perDay, TimeProvider time) => (this.store, this.work, this.perDay, this.time) = (store, work, perDay, time);

    /// <param name="work">One of <see cref="ModelWork"/>.</param>
    /// <param name="perDay">0 for no limit; nothing is counted then.</param>
    public static IModelBudget For(string work, long perDay, IStore store, TimeProvider time) =>
        perDay == 0 ? new UnlimitedBudget() : new DailyTokens(store, work, perDay, time);

    private long Today => time.GetUtcNow().ToUnixTimeMilliseconds() / 86_400_000;

    public async ValueTask<bool> TryTakeAsync(string orgId, int estimatedTokens, CancellationToken ct) =>
        await store.ModelSpending.TryTakeAsync(orgId, work, Today, estimatedTokens, perDay, ct);

    public async ValueTask SpentAsync(string orgId, int estimatedTokens, ModelUsage usage, CancellationToken ct)
    {
        if (usage.Total != estimatedTokens)
            await store.ModelSpending.CorrectAsync(orgId, work, Today, (long)usage.Total - estimatedTokens, ct);
    }
}
