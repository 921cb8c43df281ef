using Commune.Mail.Addresses;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Inboxes;

/// <summary>
/// Sets whose mail the inbox takes; a list that is not sent stays as it is. An allowed sender is one who proves to be it: anybody can write any From.
/// </summary>
internal static class SetSenderLists
{
    private const int MostEntries = 1000;
    private const int LongestEntry = 320;

    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, TimeProvider time, string inboxId, string? domainId = null)
    {
        var body = await RequestBody.ReadAsync(http);
        var (allow, block) = (Entries(body, "allow"), Entries(body, "block"));
        var mode = body.Text("mode") switch
        {
            null => null,
            var text and (SenderLists.All or SenderLists.AllowOnly) => text,
            _ => throw ApiException.Invalid("mode", "mode must be all or allow_only"),
        };
        var inbox = await InboxEndpoints.FindAsync(store, http, inboxId, domainId);
        var present = await store.SenderLists.GetAsync(inbox.OrgId, inbox.Id, http.RequestAborted);
        var lists = new SenderLists(mode ?? present.Mode, allow ?? present.Allow, block ?? present.Block);
        if (lists.Allow.Count + lists.Block.Count > MostEntries)
            throw ApiException.Invalid(allow is null ? "block" : "allow", $"allow and block together hold at most {MostEntries} entries; name whole domains, such as @example.com");
        await store.SenderLists.SetAsync(
            inbox.OrgId, inbox.Id, lists, time.GetUtcNow().ToUnixTimeMilliseconds(), http.RequestAborted, AuditTrail.Entry(http, "inbox.lists", inbox.Id));
        return ApiJson.Ok(new Envelope<SenderListsResponse>(SenderListsResponse.From(lists)));
    }

    private static IReadOnlyList<string>? Entries(RequestBody body, string name) =>
        body.Texts(name) is { } given ? [.. given.Select(text => Entry(text, name)).Distinct(StringComparer.Ordinal)] : body.Member(name) is null ? null : [];

    /// <summary>An address, <c>@domain</c>, or <c>@.domain</c> for what is below it; lower case, the domain in A-labels.</summary>
    private static string Entry(string text, string name)
    {
        var entry = text.Trim();
        var at = entry.LastIndexOf('@');
        if (at >= 0 && entry.Length <= LongestEntry)
        {
            var (local, domain) = (entry[..at], entry[(at + 1)..]);
            var below = local.Length == 0 && domain.StartsWith('.');
            var ascii = new Mailbox(null, "x", below ? domain[1..] : domain).AsciiDomain.ToLowerInvariant();
            if (SettingText.IsHostName(ascii) && !local.Any(static c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '@' or '<' or '>'))
                return $"{local.ToLowerInvariant()}@{(below ? "." : "")}{ascii}";
        }
        throw ApiException.Invalid(name, $"{name} must hold addresses (kim@example.com), domains (@example.com) or what is below one (@.example.com)");
    }
}
