namespace Commune.Storage;

/// <summary>What models are asked to do; each kind has an allowance of its own.</summary>
public static class ModelWork
{
    public const string Extraction = "extraction";
    public const string Embedding = "embedding";
}

/// <summary>What organisations spend on models.</summary>
public interface IModelSpendingStore
{
    /// <summary>Takes tokens of a day's allowance; false, with nothing taken, when there are not so many left.</summary>
    /// <param name="work">One of <see cref="ModelWork"/>.</param>
    /// <param name="day">Days since 1970, UTC.</param>
    Task<bool> TryTakeAsync(string orgId, string work, long day, long tokens, long allowance, CancellationToken cancellation);

    /// <summary>Corrects what was taken; negative gives back.</summary>
    Task CorrectAsync(string orgId, string work, long day, long tokens, CancellationToken cancellation);

    /// <summary>Forgets the days before one; bounded work per call.</summary>
    Task SweepAsync(long beforeDay, CancellationToken cancellation);
}
