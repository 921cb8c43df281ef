namespace Commune.Storage.Postgres;

/// <summary>One write that shares its transaction with whatever else waits: asked for, decided and answered in that order.</summary>
internal abstract class GroupWork
{
    /// <summary>Chooses the lane: writes of one organisation never compete for its row inside this process.</summary>
    public abstract string OrgId { get; }

    /// <summary>About how many bytes it sends to the server.</summary>
    public virtual long Size => 1024;

    public CancellationToken Cancellation { get; init; }

    /// <summary>Says which rows must be known; nothing is known yet.</summary>
    public abstract void Ask(GroupTransaction transaction);

    /// <summary>Everything asked for is known, with what earlier members of the group decided: states the changes and the result.</summary>
    public abstract void Decide(GroupTransaction transaction);

    /// <summary>The group is durable.</summary>
    public abstract void Complete();

    public abstract void Fail(Exception error);
}

internal abstract class GroupWork<T> : GroupWork
{
    private readonly TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Completion => completion.Task;

    /// <summary>Set by <see cref="GroupWork.Decide"/>, anew in each run of the transaction.</summary>
    protected T? Result { get; set; }

    public override void Complete() => completion.TrySetResult(Result!);

    public override void Fail(Exception error) => completion.TrySetException(error);
}
