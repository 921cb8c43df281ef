using System.Text.Json.Nodes;

namespace Commune.Server.Api.Description;

/// <summary>The types of the event log, as docs/events.md lists them.</summary>
internal static class EventTypes
{
    private const string OfMessage = "new_thread, from, from_name, to, subject, snippet, attachment_count";
    private const string OfRecipient = "recipient, code, detail";

    public static IReadOnlyList<(string Name, string When, string Data)> All { get; } =
    [
        ("message.received", "A mail was stored in an inbox.", OfMessage),
        ("message.quarantined", "A mail was stored and is held back; message.received follows when it is released.", OfMessage),
        ("message.blocked", "A mail was stored, marked, in an inbox that does not take its sender's mail: another recipient of it does.", OfMessage),
        ("message.queued", "A mail was accepted for sending.", OfMessage),
        ("message.scheduled", "A mail was accepted to be sent later.", "send_at"),
        ("message.cancelled", "A scheduled mail was withdrawn.", "reason"),
        ("message.sent", "A recipient's mail was handed over for delivery for the first time.", OfRecipient),
        ("message.delivered", "One recipient's server took it.", OfRecipient),
        ("message.delayed", "One recipient begins to wait for another attempt.", OfRecipient),
        ("message.bounced", "One recipient was refused for good.", OfRecipient + ", bounce_type, bounce_class"),
        ("message.failed", "One recipient was given up.", OfRecipient),
        ("message.complained", "One recipient called it spam.", OfRecipient),
        ("message.suppressed", "One recipient was skipped: the address is on the suppression list.", OfRecipient),
        ("extraction.completed", "A received mail was read by its inbox's schema, or that failed.", "status, method, model, schema_name, schema_version, extracted_data, data_left_out"),
        ("thread.updated", "Triage state changed.", "status, assigned_to, tags, changed"),
        ("domain.verified", "A check found a domain's DNS right for the first time.", "domain_id, domain, status"),
        ("domain.broken", "A check found a verified domain's DNS wrong.", "domain_id, domain, status"),
        ("domain.recovered", "A check found a broken domain's DNS right again.", "domain_id, domain, status"),
        ("domain.failed", "A domain's DNS was wrong for too long.", "domain_id, domain, status"),
        ("domain.dkim_rotation_started", "New DKIM keys wait for their records.", "domain_id, domain, selectors, overlap_hours"),
        ("domain.dkim_rotated", "A new DKIM key signs.", "domain_id, domain, algorithm, selector, former_selectors, former_until_ms"),
        ("organisation.sending_paused", "Too much mail came back.", "until_ms, outcomes, hard_bounces, complaints"),
        ("organisation.sending_resumed", "Mail leaves again.", ""),
        ("webhook.paused", "An endpoint failed too often.", "endpoint, failures, until"),
        ("webhook.resumed", "A paused endpoint works again.", "endpoint"),
        ("webhook.disabled", "An endpoint said that it is gone.", "endpoint, reason"),
        ("webhook.dead", "A webhook delivery was given up.", "delivery_id, endpoint, reason"),
    ];

    public static JsonArray Write() => new([.. All.Select(static type => new JsonObject
    {
        ["type"] = type.Name,
        ["when"] = type.When,
        ["data"] = new JsonArray([.. type.Data.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(static member => JsonValue.Create(member))]),
    })]);
}
