using System.Text.Json;
using Commune.Server.Hosting;
using Commune.Server.Metrics;
using Commune.Storage;
using Microsoft.Extensions.Options;

namespace Commune.Server.Outbound;

/// <summary>
/// Mail to the sandbox: each address does what its name says, through the same records, events and suppressions as mail that leaves, and without a
/// network. A plus-part makes further addresses of the same behaviour.
/// </summary>
internal sealed class SandboxAttempt(IStore store, Destinations destinations, IOptions<CommuneOptions> options, Traffic traffic, TimeProvider time)
{
    private readonly SandboxOptions delays = options.Value.Sandbox;

    /// <summary>One job of the queue, as <see cref="DeliverMessage"/> runs it for other destinations.</summary>
    public async Task RunAsync(Job job, DeliverPayload payload, OutboundEnvelope envelope, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var slowUntil = DateTimeOffset.FromUnixTimeMilliseconds(envelope.QueuedAt) + delays.SlowDelay;
        var states = await store.Outbound.GetRecipientsAsync(payload.OrgId, payload.MessageId, cancellation);
        var outcomes = new List<RecipientOutcome>();
        foreach (var address in envelope.Recipients)
        {
            var isFirst = states.First(state => state.Address == address).Attempts == 0;
            if (await OutcomeAsync(payload, address, isFirst, slowUntil, now, cancellation) is { } outcome)
                outcomes.Add(outcome);
        }

        // Who is greylisted comes back after the delay, who is slow when the time is over: both are looked at whenever one is due.
        var greylisted = outcomes.Exists(static outcome => outcome.Status == "deferred");
        var isSlow = outcomes.Count < envelope.Recipients.Count;
        var retryAt = greylisted && isSlow ? Earlier(now + delays.GreylistDelay, slowUntil)
            : greylisted ? now + delays.GreylistDelay
            : isSlow ? slowUntil : (DateTimeOffset?)null;
        if (outcomes.Count == 0)
            await store.Jobs.RescheduleAsync(job, retryAt!.Value.ToUnixTimeMilliseconds(), cancellation);
        else if (await store.Outbound.RecordAsync(job, payload, outcomes, retryAt?.ToUnixTimeMilliseconds(), now.ToUnixTimeMilliseconds(), cancellation))
            traffic.Attempted(outcomes, "sandbox");
    }

    /// <summary>Null while a slow recipient takes its time.</summary>
    private async Task<RecipientOutcome?> OutcomeAsync(
        DeliverPayload payload, string address, bool isFirst, DateTimeOffset slowUntil, DateTimeOffset now, CancellationToken cancellation)
    {
        var name = address[..address.LastIndexOf('@')].Split('+')[0].ToLowerInvariant();
        switch (name)
        {
            case "delivered":
                return Delivered(address);
            case "slow":
                return now >= slowUntil ? Delivered(address) : null;
            case "greylist" when isFirst:
                return Outcome(address, "deferred", 451, "451 4.7.1 Greylisted, try again later");
            case "greylist":
                return Delivered(address);
            case "soft-bounce":
                return Outcome(address, "bounced", 552, "552 5.2.2 The mailbox is full");
            case "complained":
                // Before the delivery is recorded: a crash between may repeat the complaint, which changes nothing, but not lose it.
                await store.Jobs.AddAsync(new NewJob(EntityId.New("job_"), JobKind.SandboxComplaint, payload.MessageId, payload.OrgId,
                    new SandboxComplaint(payload.OrgId, payload.MessageId, address).ToJson(), (now + delays.ComplaintDelay).ToUnixTimeMilliseconds()), cancellation);
                return Delivered(address);
            default:
                return Outcome(address, "bounced", 550, name == "bounced" ? "550 5.1.1 The mailbox does not exist" : "550 5.1.1 The sandbox has no mailbox of this name");
        }
    }

    private RecipientOutcome Delivered(string address) => Outcome(address, "delivered", 250, "250 2.0.0 Delivered to the sandbox");

    private RecipientOutcome Outcome(string address, string status, int code, string detail) =>
        new(address, status, code, detail) { Way = new AttemptWay(destinations.Sandbox) };

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}

/// <summary>Payload of a <see cref="JobKind.SandboxComplaint"/> job, stored as JSON.</summary>
internal sealed record SandboxComplaint(string OrgId, string MessageId, string Recipient)
{
    private static readonly JsonSerializerOptions Strict = new() { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };

    public string ToJson() => JsonSerializer.Serialize(this, Strict);

    /// <exception cref="JsonException">Not the payload of such a job.</exception>
    public static SandboxComplaint Parse(string json) =>
        JsonSerializer.Deserialize<SandboxComplaint>(json, Strict) ?? throw new JsonException("The payload of a sandbox complaint is null");
}
