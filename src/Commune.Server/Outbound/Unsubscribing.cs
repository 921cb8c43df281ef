using Commune.Storage;

namespace Commune.Server.Outbound;

/// <summary>
/// One-click unsubscribing (RFC 8058): the header fields that offer it, and what is done when somebody takes the offer, by the link or by
/// the mail that the header names beside it.
/// </summary>
public sealed class Unsubscribing(IStore store, UnsubscribeLinks links, TimeProvider time)
{
    public const string Path = "/unsubscribe";
    private const string SubjectStart = "unsubscribe ";

    /// <param name="publicUrl">Base of the links that we hand out.</param>
    public async Task<IReadOnlyList<KeyValuePair<string, string>>> HeadersAsync(
        Inbox inbox, string recipient, string publicUrl, CancellationToken cancellation)
    {
        var token = await links.SignAsync(new Unsubscription(inbox.OrgId, inbox.Id, recipient), cancellation);
        return
        [
            new("List-Unsubscribe", $"<{publicUrl}{Path}?token={token}>, <mailto:{inbox.Address}?subject={SubjectStart.Trim()}%20{token}>"),
            new("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ];
    }

    public static bool IsField(string name) =>
        name.Equals("List-Unsubscribe", StringComparison.OrdinalIgnoreCase) || name.Equals("List-Unsubscribe-Post", StringComparison.OrdinalIgnoreCase);

    /// <summary>From now on the recipient gets no mail from that inbox. Safe to repeat.</summary>
    public async Task TakeAsync(Unsubscription link, CancellationToken cancellation)
    {
        // A deleted inbox sends nothing more, and nothing is to be kept for it.
        if (await store.Inboxes.GetAsync(link.OrgId, link.InboxId, cancellation) is not { } inbox)
            return;
        await store.Suppressions.AddAsync(new Suppression(
            link.OrgId, EntityId.New("sup_"), link.Recipient, link.InboxId, inbox.DomainId, SuppressionReason.Unsubscribe, null,
            "The recipient unsubscribed", time.GetUtcNow().ToUnixTimeMilliseconds(), null), cancellation);
    }

    /// <summary>A received mail that a mail program sent to unsubscribe: its subject holds the token, whoever it says it is from.</summary>
    public async Task TakeFromSubjectAsync(string subject, CancellationToken cancellation)
    {
        if (subject.StartsWith(SubjectStart, StringComparison.OrdinalIgnoreCase)
            && await links.CheckAsync(string.Concat(subject[SubjectStart.Length..].Where(static c => !char.IsWhiteSpace(c))), cancellation) is { } link)
            await TakeAsync(link, cancellation);
    }
}
