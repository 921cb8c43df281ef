using System.Diagnostics.Metrics;
using Commune.Server.Inbound;
using Commune.Storage;

namespace Commune.Server.Metrics;

/// <summary>Counts what this node does, where it is done: mail in and out, calls of webhooks, searches (docs/operating.md, "Metrics").</summary>
public sealed class Traffic
{
    public const string MeterName = "Commune";

    private readonly Counter<long> messages;
    private readonly Counter<long> recipients;
    private readonly Counter<long> sessions;
    private readonly Counter<long> sends;
    private readonly Counter<long> outcomes;
    private readonly Counter<long> searches;
    private readonly Histogram<double> webhooks;

    public Traffic(Meter meter)
    {
        messages = meter.CreateCounter<long>("commune.smtp.messages", null, "Messages that SMTP clients brought, by what they were answered");
        recipients = meter.CreateCounter<long>("commune.smtp.recipients", null, "Recipients that SMTP clients named, by what they were answered");
        sessions = meter.CreateCounter<long>("commune.smtp.sessions", null, "SMTP connections, by whether there was a place for them");
        sends = meter.CreateCounter<long>("commune.messages.queued", null, "Messages that callers of the API had sent");
        outcomes = meter.CreateCounter<long>("commune.deliveries", null, "Attempts to deliver to one recipient, by outcome and way");
        searches = meter.CreateCounter<long>("commune.searches", null, "Searches, by the reason why a provider's vectors did not rank");
        webhooks = meter.CreateHistogram<double>("commune.webhook.call.duration", "s", "Calls of webhook endpoints, by outcome");
    }

    internal Traffic(Meter meter, ConnectionCount connections)
        : this(meter) =>
        meter.CreateObservableUpDownCounter("commune.smtp.connections", () => connections.Open, null, "SMTP connections that are open now");

    /// <param name="code">The reply to the message's last octet.</param>
    public void Received(int code) => messages.Add(1, Outcome(code));

    /// <param name="code">The reply to <c>RCPT TO</c>.</param>
    public void Named(int code) => recipients.Add(1, Outcome(code));

    public void Connected(bool hasPlace) => sessions.Add(1, new KeyValuePair<string, object?>("outcome", hasPlace ? "served" : "refused"));

    public void Queued() => sends.Add(1);

    public void Attempted(IReadOnlyList<RecipientOutcome> attempts, string way)
    {
        foreach (var recipient in attempts)
            outcomes.Add(1, new KeyValuePair<string, object?>("outcome", recipient.Status), new KeyValuePair<string, object?>("way", way));
    }

    public void Called(TimeSpan took, bool succeeded) =>
        webhooks.Record(took.TotalSeconds, new KeyValuePair<string, object?>("outcome", succeeded ? "succeeded" : "failed"));

    /// <param name="degraded">Null when nothing was amiss.</param>
    public void Searched(string? degraded) => searches.Add(1, new KeyValuePair<string, object?>("degraded", degraded ?? ""));

    private static KeyValuePair<string, object?> Outcome(int code) => new("outcome", code < 400 ? "accepted" : code < 500 ? "deferred" : "refused");
}
