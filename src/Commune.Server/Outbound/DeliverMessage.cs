using System.Text;
using Commune.Server.Hosting;
using Commune.Server.Metrics;
using Commune.Storage;

namespace Commune.Server.Outbound;

/// <summary>
/// One job of the queue: the recipients of one message at one destination (docs/mail-flow.md, "A message leaves"). Whatever happens
/// is recorded per recipient, and the job ends or gets its next time, in one transaction.
/// </summary>
internal sealed partial class DeliverMessage(
    IStore store, MailRouter router, Destinations destinations, SandboxAttempt sandbox, LocalAttempt local, RemoteAttempt remote, ReturnPaths returnPaths, RawMessages rawMessages, JustQueued queued, RetrySchedule schedule,
    Traffic traffic, TimeProvider time, ILogger<DeliverMessage> log)
{
    private const int MaxDetail = 500;

    public async Task RunAsync(Job job, CancellationToken cancellation)
    {
        var payload = DeliverPayload.Parse(job.Payload);
        var known = queued.Take(payload.MessageId);
        // Nobody has tried it yet, so it is as it was queued.
        var envelope = job.Attempts == 1 && known?.Envelope is { } whole ? whole : await store.Outbound.LoadAsync(payload, cancellation, known?.Raw);
        if (envelope is null)
        {
            await store.Jobs.CompleteAsync(job, cancellation);
            return;
        }

        if (destinations.IsSandbox(payload.Destination))
        {
            await sandbox.RunAsync(job, payload, envelope, cancellation);
            return;
        }

        var attempt = await AttemptOrDeferAsync(envelope, payload.Destination, cancellation);
        try
        {
            await RecordAsync(job, payload, envelope, attempt, cancellation);
        }
        finally
        {
            if (attempt.Connection is { } connection)
                await connection.Line.ReturnAsync(connection, CancellationToken.None);
        }
    }

    private async Task RecordAsync(Job job, DeliverPayload payload, OutboundEnvelope envelope, AttemptResult attempt, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var queuedAt = DateTimeOffset.FromUnixTimeMilliseconds(envelope.QueuedAt);
        var retryAt = attempt.AwayUntil is { } until ? schedule.At(until, queuedAt) : schedule.Next(job.Attempts, queuedAt, now);
        // The first time its sender is told why the message waits; after that it only waits on.
        if (attempt.AwayUntil is not null && job.Attempts > 1 && retryAt is { } later)
        {
            await store.Jobs.PostponeAsync(job, later.ToUnixTimeMilliseconds(), cancellation);
            return;
        }

        IReadOnlyList<RecipientOutcome> outcomes = [.. attempt.Outcomes.Select(o => Final(o, retryAt is null))];
        var waiting = outcomes.Any(static o => o.Status == "deferred");
        var recorded = await store.Outbound.RecordAsync(job, payload, outcomes,
            waiting ? retryAt!.Value.ToUnixTimeMilliseconds() : null, now.ToUnixTimeMilliseconds(), cancellation);
        if (!recorded)
            LogLeaseLost(log, payload.MessageId, payload.Destination);
        else
            traffic.Attempted(outcomes, job.Kind == JobKind.DeliverLocal ? "local" : "remote");
        foreach (var outcome in outcomes)
            LogOutcome(log, payload.MessageId, payload.Destination, outcome.Status, outcome.Detail);
    }

    /// <summary>An attempt that fails by our own fault is put off like any other, and given up in the end: it must not come back for ever.</summary>
    private async Task<AttemptResult> AttemptOrDeferAsync(OutboundEnvelope envelope, string destination, CancellationToken cancellation)
    {
        try
        {
            return await AttemptAsync(envelope, destination, cancellation);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogOwnFailure(log, error, envelope.MessageId, destination);
            return Same(envelope, "deferred", null, "4.3.0 The attempt failed on this server");
        }
    }

    private async Task<AttemptResult> AttemptAsync(OutboundEnvelope envelope, string destination, CancellationToken cancellation)
    {
        switch (await router.FindAsync(destination, envelope.SenderAddress, envelope.Tls, cancellation))
        {
            case MailRoute.Local:
                return new AttemptResult(await local.RunAsync(envelope, await rawMessages.ReadAsync(envelope.Raw, cancellation), cancellation));
            case MailRoute.Hosts hosts:
                envelope = envelope with { SenderAddress = await returnPaths.ForAsync(envelope, cancellation) };
                return await remote.RunAsync(envelope, await rawMessages.ReadAsync(envelope.Raw, cancellation), hosts.List, cancellation);
            case MailRoute.Undeliverable final:
                return Same(envelope, "bounced", final.Code, $"{final.Code} {final.Reason}");
            case MailRoute.Unknown unknown:
                return Same(envelope, "deferred", null, unknown.Reason);
            case var other:
                throw new InvalidOperationException($"Unknown route {other.GetType().Name}");
        }
    }

    /// <summary>One outcome for all, in an attempt that reached no host.</summary>
    private static AttemptResult Same(OutboundEnvelope envelope, string status, int? code, string detail) =>
        new([.. envelope.Recipients.Select(r => new RecipientOutcome(r, status, code, detail) { Way = new AttemptWay(null) })]);

    /// <summary>Gives up on what has waited long enough, and makes the far side's words safe to show on one line.</summary>
    private static RecipientOutcome Final(RecipientOutcome outcome, bool giveUp) => outcome with
    {
        Status = giveUp && outcome.Status == "deferred" ? "failed" : outcome.Status,
        Detail = OneLine(outcome.Detail),
    };

    private static string OneLine(string text)
    {
        var line = new StringBuilder(Math.Min(text.Length, MaxDetail));
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, MaxDetail)))
            line.Append(char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c);
        return line.ToString();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{MessageId} to {Destination}: {Outcome} ({Detail})")]
    private static partial void LogOutcome(ILogger log, string messageId, string destination, string outcome, string detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "{MessageId} to {Destination}: the attempt failed on this server")]
    private static partial void LogOwnFailure(ILogger log, Exception error, string messageId, string destination);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{MessageId} to {Destination}: the lease ran out before the outcome was recorded; another worker has it now")]
    private static partial void LogLeaseLost(ILogger log, string messageId, string destination);
}
