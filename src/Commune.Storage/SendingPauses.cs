namespace Commune.Storage;

/// <summary>An organisation may not send, because too much of its mail came back.</summary>
/// <param name="Until">When, at the latest, what caused it leaves the window; Unix ms.</param>
/// <param name="Outcomes">Recipients that were delivered to or bounced in the window.</param>
public sealed record SendingPause(string OrgId, long PausedAt, long Until, int Outcomes, int HardBounces, int Complaints);

/// <summary>An organisation some of whose mail came back.</summary>
/// <param name="CountFrom">Where its window begins: the one asked for, or later, when earlier outcomes were forgiven. Unix ms.</param>
/// <param name="HardBounces">Recipients, not messages, as <paramref name="Complaints"/>.</param>
/// <param name="Newest">The time of the newest of both, Unix ms.</param>
public sealed record ReturnedMail(string OrgId, long CountFrom, int HardBounces, int Complaints, long Newest);

public interface ISendingPauseStore
{
    /// <summary>Null when the organisation may send.</summary>
    Task<SendingPause?> GetAsync(string orgId, CancellationToken cancellation);

    /// <summary>Every organisation that is paused now.</summary>
    Task<IReadOnlyList<SendingPause>> ListAsync(CancellationToken cancellation);

    /// <summary>The organisations with at least one hard bounce or complaint since then that is not forgiven.</summary>
    Task<IReadOnlyList<ReturnedMail>> FindReturnedAsync(long from, CancellationToken cancellation);

    /// <summary>
    /// Stops the organisation's sending and appends <c>organisation.sending_paused</c>; of one that is paused already only the figures
    /// and <see cref="SendingPause.Until"/> are renewed.
    /// </summary>
    Task PauseAsync(SendingPause pause, CancellationToken cancellation);

    /// <summary>Lets the organisation send again and appends <c>organisation.sending_resumed</c>; false when it was not paused.</summary>
    /// <param name="forgiveBefore">Outcomes before this never count again; null forgives nothing.</param>
    Task<bool> ResumeAsync(string orgId, long? forgiveBefore, long at, CancellationToken cancellation);
}
