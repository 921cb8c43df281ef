using Commune.Storage;

namespace Commune.Server.Inbound;

/// <summary>An inbox that an envelope names, with the plus-part it was named by.</summary>
/// <param name="Token">Lower case; null when the address had none.</param>
internal sealed record RecipientInbox(InboxRoute Route, string? Token)
{
    /// <summary>Case-insensitive, plus-part set aside (contract section 10, "Mail coming in"); null when no active inbox receives there.</summary>
    public static async Task<RecipientInbox?> FindAsync(IStore store, string asciiDomain, string localPart, CancellationToken cancellation)
    {
        var local = localPart.ToLowerInvariant();
        var plus = local.IndexOf('+', StringComparison.Ordinal);
        var token = plus >= 0 && plus < local.Length - 1 ? local[(plus + 1)..] : null;
        var route = await store.Inboxes.RouteAsync(asciiDomain, plus >= 0 ? local[..plus] : local, cancellation);
        return route is null ? null : new RecipientInbox(route, token);
    }
}
