using Commune.Server.Inbound.Reports;
using Commune.Server.Outbound;
using Commune.Storage;

namespace Commune.Server.Inbound;

/// <summary>An inbox that an envelope names, with the plus-part it was named by.</summary>
/// <param name="Token">Lower case; null when the address had none.</param>
internal sealed record RecipientInbox(InboxRoute Route, string? Token)
{
    /// <summary>For a return path of ours: the message that went out with it. What comes back is filed in its thread.</summary>
    public ReportSubject? About { get; init; }

    /// <summary>Whose mail the inbox takes.</summary>
    public SenderLists Lists { get; init; } = SenderLists.None;

    /// <summary>Null when the address is no return path of ours, or its message is gone.</summary>
    public static async Task<RecipientInbox?> FindReturnAsync(
        IStore store, ReturnPaths returnPaths, string asciiDomain, string localPart, CancellationToken cancellation)
    {
        if (await returnPaths.ReadAsync(localPart, asciiDomain, cancellation) is not { } path
            || await store.DeliveryReports.FindByIdPrefixAsync(path.OrgId, path.MessagePrefix, cancellation) is not { } message)
            return null;
        return new RecipientInbox(message.Route, message.ReplyToken) { About = new ReportSubject(message, path.RecipientTag, IsSealed: true) };
    }

    /// <summary>
    /// Case-insensitive, plus-part set aside (contract section 10, "Mail coming in"); null when no active inbox receives there.
    /// A role address without an inbox of its own goes to the oldest inbox of the organisation that owns the domain.
    /// </summary>
    /// <param name="asciiDomain">Lower case; empty for <c>&lt;Postmaster&gt;</c>, which is the shared domain's (RFC 5321 §4.5.1).</param>
    public static async Task<RecipientInbox?> FindAsync(IStore store, string asciiDomain, string localPart, CancellationToken cancellation)
    {
        if (asciiDomain.Length == 0)
            asciiDomain = (await store.Domains.GetSharedAsync(cancellation)).Name;
        var (local, token) = Split(localPart);
        var route = await store.Inboxes.RouteAsync(asciiDomain, local, cancellation);
        if (route is null && IsRole(local))
            route = await store.Inboxes.RouteToOwnerAsync(asciiDomain, cancellation);
        if (route is null)
            return null;
        // RFC 5321 §4.5.1: whoever has trouble with our mail can reach the postmaster.
        var lists = route.HasSenderLists && !IsRole(local) ? await store.SenderLists.GetAsync(route.OrgId, route.InboxId, cancellation) : SenderLists.None;
        return new RecipientInbox(route, token) { Lists = lists };
    }

    /// <summary>Postmaster must be reachable wherever mail is received (RFC 5321 §4.5.1), abuse should be (RFC 2142 §4).</summary>
    public static bool IsRole(string localPart) => Split(localPart).Local is "postmaster" or "abuse";

    private static (string Local, string? Token) Split(string localPart)
    {
        var local = localPart.ToLowerInvariant();
        var plus = local.IndexOf('+', StringComparison.Ordinal);
        return plus < 0 ? (local, null) : (local[..plus], plus < local.Length - 1 ? local[(plus + 1)..] : null);
    }
}
