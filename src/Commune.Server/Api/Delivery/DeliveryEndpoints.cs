using Commune.Mail.Addresses;
using Commune.Server.Api.Description;
using Commune.Server.Hosting;

namespace Commune.Server.Api.Delivery;

/// <summary>What became of what was sent, and who gets no more (contract section 13).</summary>
public static class DeliveryEndpoints
{
    public static void MapDelivery(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/delivery/metrics", GetMetrics.HandleAsync).Needs(Scopes.MessagesRead)
            .Is(Call.Named("delivery.metrics").Gives<Envelope<MetricsResponse>>().AsksOneOf(QueryField.Inbox, QueryField.Domain).Asks(
            new QueryField("period", "The window in days or hours, 1 to 90 days; standard is 7d.") { Example = "7d" },
            new QueryField("days", "The window in days; `period` overrules it.") { Kind = "integer", Least = 1, Most = 90, Standard = 7 }));
        v1.MapGet("/delivery/events", ListEvents.HandleAsync).Needs(Scopes.MessagesRead)
            .Is(Call.Named("delivery.events").Gives<ListEnvelope<DeliveryEventResponse>>().AsksOneOf(QueryField.Inbox, QueryField.Domain,
            new QueryField("message_id", "Of this message, by its id or its SMTP Message-ID.")).Asks(
            new QueryField("event_type", "Of this type.") { Words = ["sent", "delivered", "bounced", "complained", "failed", "delivery_delayed", "suppressed"] }).Paged(50, 200));
        v1.MapGet("/delivery/suppressions", ListSuppressions.HandleAsync).Needs(Scopes.MessagesRead)
            .Is(Call.Named("suppressions.list").Gives<ListEnvelope<SuppressionResponse>>().AsksOneOf(QueryField.Inbox, QueryField.Domain,
            new QueryField("email", "The entries of this address.")).Paged(50, 200));
        v1.MapPost("/delivery/suppressions", AddSuppression.HandleAsync).Needs(Scopes.MessagesWrite)
            .Is(Call.Named("suppressions.add").Takes<SuppressionRequest>().Gives<Envelope<SuppressionResponse>>(StatusCodes.Status201Created).Fails(404, "The inbox is unknown"));
        v1.MapDelete("/delivery/suppressions", RemoveSuppression.ByAddressAsync).Needs(Scopes.MessagesWrite)
            .Is(Call.Named("suppressions.removeAddress").Gives<Envelope<RemovedResponse>>().Fails(404, "No such entry").Asks(
            new QueryField("email", "The address.") { Required = true, Example = "gone@example.com" }, new QueryField("inbox_id", "Only the entry of this inbox.")));
        v1.MapDelete("/delivery/suppressions/{suppressionId}", RemoveSuppression.ByIdAsync).Needs(Scopes.MessagesWrite)
            .Is(Call.Named("suppressions.remove").Gives<Envelope<RemovedResponse>>());
    }

    /// <summary>An address in the form in which it is suppressed; as it is, in lower case, when it is none.</summary>
    internal static string AddressKey(string text) =>
        Mailbox.TryParse(text, out var mailbox) ? $"{mailbox.LocalPart}@{mailbox.AsciiDomain}".ToLowerInvariant() : text.ToLowerInvariant();
}
