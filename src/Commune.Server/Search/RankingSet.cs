using Commune.Storage;

namespace Commune.Server.Search;

/// <summary>Which of an organisation's sets of vectors ranks.</summary>
internal static class RankingSet
{
    /// <summary>
    /// The model's own, once it is complete; until then the one that ranked before, which is complete. The change from one to the other is the commit
    /// that completes the set. Null when none is complete.
    /// </summary>
    /// <param name="model">The one that the settings name.</param>
    public static VectorSet? Of(IReadOnlyList<VectorSet> sets, string model) =>
        sets.Where(static set => set.Place.Ready).OrderByDescending(set => set.Model.Id == model).ThenByDescending(static set => set.Place.Place).FirstOrDefault();
}
