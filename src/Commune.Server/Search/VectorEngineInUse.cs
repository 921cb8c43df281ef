using Commune.Storage;

namespace Commune.Server.Search;

/// <summary>Who finds near vectors of a provider's model: Qdrant, else the database, else nobody, so that they are compared in memory.</summary>
internal sealed partial class VectorEngineInUse(IStore store, ILogger<VectorEngineInUse> log, Qdrant? qdrant = null)
{
    public IVectorEngine? Engine { get; private set; } = qdrant;

    /// <param name="mayBeStore">Whether the database may do it.</param>
    public async Task OpenAsync(bool mayBeStore, CancellationToken cancellation)
    {
        var (engine, missing) = await store.VectorMirrors.OpenEngineAsync(mayBeStore, cancellation);
        Engine ??= engine;
        if (missing is not null)
            LogMissing(log, missing);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "pgvector is not used: {Reason}")]
    private static partial void LogMissing(ILogger log, string reason);
}
