using System.Text.Json;
using Commune.Mail.Addresses;
using Commune.Server.Api.Inboxes;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Delivery;

/// <summary>Sends no more mail to an address: from one inbox, or from any of the organisation. A firmer entry that stands already stays.</summary>
internal static class AddSuppression
{
    private const long MostSeconds = 10L * 366 * 24 * 60 * 60;

    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, TimeProvider time)
    {
        var body = await RequestBody.ReadAsync(http);
        var now = time.GetUtcNow();
        if (!Mailbox.TryParse(body.RequiredText("email"), out var mailbox))
            throw ApiException.Invalid("email", "email must be an address, such as kim@example.com");
        var reason = body.Text("reason") ?? SuppressionReason.Manual;
        if (reason is not (SuppressionReason.Manual or SuppressionReason.Unsubscribe))
            throw ApiException.Invalid("reason", "reason must be manual or unsubscribe; bounces and complaints add themselves");
        var expires = Expires(body, now.ToUnixTimeMilliseconds());
        var inbox = body.Text("inbox_id") is { } inboxId ? await InboxEndpoints.FindAsync(store, http, inboxId, null) : null;

        var entry = await store.Suppressions.AddAsync(
            new Suppression(
                Authentication.CallerOf(http).OrgId, EntityId.NewSortable("sup_", now), $"{mailbox.LocalPart}@{mailbox.AsciiDomain}".ToLowerInvariant(),
                inbox?.Id, inbox?.DomainId, reason, null, null, now.ToUnixTimeMilliseconds(), expires),
            http.RequestAborted);
        return ApiJson.Created(new Envelope<SuppressionResponse>(SuppressionResponse.FromStored(entry)));
    }

    /// <summary><c>expires_at</c>, a time to come, or <c>expires_in</c> in seconds; null for ever.</summary>
    private static long? Expires(RequestBody body, long now)
    {
        if (body.Text("expires_at") is { } text)
        {
            return RequestQuery.TryParseTime(text, out var at) && at > now
                ? at : throw ApiException.Invalid("expires_at", "expires_at must be a time to come, such as 2027-01-31T12:00:00Z");
        }
        return body.Member("expires_in") switch
        {
            null or { ValueKind: JsonValueKind.Null } => null,
            { ValueKind: JsonValueKind.Number } value when value.TryGetInt64(out var seconds) && seconds is > 0 and <= MostSeconds => now + seconds * 1000,
            _ => throw ApiException.Invalid("expires_in", "expires_in must be a positive number of seconds"),
        };
    }
}
