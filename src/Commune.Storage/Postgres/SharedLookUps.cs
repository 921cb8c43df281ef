using System.Threading.Channels;
using Npgsql;

namespace Commune.Storage.Postgres;

/// <summary>
/// Look-ups by key that every message needs: while one round trip is under way those who come meanwhile gather, and the next answers them
/// all. A burst of messages then costs two or three statements, however many they are, and nobody is told what was true before he asked.
/// </summary>
internal sealed class SharedLookUps : IAsyncDisposable
{
    private const int MostAtOnce = 256;
    private const int Waiting = 1024;

    private readonly NpgsqlDataSource source;
    private readonly TimeProvider time;
    private readonly Channel<LookUp> waiting =
        Channel.CreateBounded<LookUp>(new BoundedChannelOptions(Waiting) { SingleReader = true });
    private readonly Task loop;

    public SharedLookUps(NpgsqlDataSource source, TimeProvider time)
    {
        this.source = source;
        this.time = time;
        loop = Task.Run(RunAsync);
    }

    public async Task<T> RunAsync<T>(LookUp<T> lookUp, CancellationToken cancellation)
    {
        await waiting.Writer.WriteAsync(lookUp, cancellation);
        return await lookUp.Completion.WaitAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        waiting.Writer.TryComplete();
        await loop;
    }

    private async Task RunAsync()
    {
        var group = new List<LookUp>();
        await using var connection = new LaneConnection(source, time);
        while (await waiting.Reader.WaitToReadAsync())
        {
            group.Clear();
            while (group.Count < MostAtOnce && waiting.Reader.TryRead(out var lookUp))
            {
                if (!lookUp.Cancellation.IsCancellationRequested)
                    group.Add(lookUp);
            }

            if (group.Count > 0)
                await AnswerAsync(connection, group);
        }
    }

    private static async Task AnswerAsync(LaneConnection lane, List<LookUp> group)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var reads = new PipelinedBatch(await lane.OpenAsync(), transaction: null);
                if (lane.TakeOldPlans())
                    reads.Write("DISCARD PLANS");
                foreach (var kind in group.GroupBy(static lookUp => lookUp.GetType()))
                    kind.First().Read(reads, [.. kind]);
                await reads.RunAsync(CancellationToken.None);
                foreach (var lookUp in group)
                    lookUp.Complete();
                return;
            }
            catch (Exception error)
            {
                var broken = PostgresErrors.IsConnectionFailure(error);
                if (broken)
                    await lane.DisposeAsync();
                if (broken && attempt < PostgresErrors.Attempts)
                    continue;
                foreach (var lookUp in group)
                    lookUp.Fail(error);
                return;
            }
        }
    }
}

/// <summary>One look-up that shares its statement with others of its kind.</summary>
internal abstract class LookUp
{
    public CancellationToken Cancellation { get; init; }

    /// <summary>Adds the statement that answers all of these, which are of the same type as this one.</summary>
    public abstract void Read(PipelinedBatch reads, IReadOnlyList<LookUp> same);

    public abstract void Complete();

    public abstract void Fail(Exception error);
}

internal abstract class LookUp<T> : LookUp
{
    private readonly TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Completion => completion.Task;

    /// <summary>What was found; set while rows are read.</summary>
    protected abstract T Found { get; }

    public override void Complete() => completion.TrySetResult(Found);

    public override void Fail(Exception error) => completion.TrySetException(error);
}
