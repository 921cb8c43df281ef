using Commune.Mail.Addresses;
using Commune.Server.Hosting;

namespace Commune.Server.Api.Delivery;

/// <summary>What became of what was sent, and who gets no more (contract section 13).</summary>
public static class DeliveryEndpoints
{
    public static void MapDelivery(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/delivery/metrics", GetMetrics.HandleAsync).Needs(Scopes.MessagesRead);
        v1.MapGet("/delivery/events", ListEvents.HandleAsync).Needs(Scopes.MessagesRead);
        v1.MapGet("/delivery/suppressions", ListSuppressions.HandleAsync).Needs(Scopes.MessagesRead);
        v1.MapPost("/delivery/suppressions", AddSuppression.HandleAsync).Needs(Scopes.MessagesWrite);
        v1.MapDelete("/delivery/suppressions", RemoveSuppression.ByAddressAsync).Needs(Scopes.MessagesWrite);
        v1.MapDelete("/delivery/suppressions/{suppressionId}", RemoveSuppression.ByIdAsync).Needs(Scopes.MessagesWrite);
    }

    /// <summary>An address in the form in which it is suppressed; as it is, in lower case, when it is none.</summary>
    internal static string AddressKey(string text) =>
        Mailbox.TryParse(text, out var mailbox) ? $"{mailbox.LocalPart}@{mailbox.AsciiDomain}".ToLowerInvariant() : text.ToLowerInvariant();
}
