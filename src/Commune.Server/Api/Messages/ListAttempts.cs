using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Messages;

/// <summary>Lists every attempt to deliver a message, the first one first: who was asked, over what, and the answer.</summary>
internal static class ListAttempts
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, string messageId)
    {
        var parameters = http.Request.Query;
        var (orgId, limit, cursor) = (Authentication.CallerOf(http).OrgId, parameters.Limit(50, 1000), parameters.Cursor());
        if (await store.Messages.GetAsync(orgId, messageId, http.RequestAborted) is null)
            throw ApiException.NotFound("Message");
        var page = await store.Outbound.ListAttemptsAsync(orgId, messageId, limit, cursor, http.RequestAborted);
        return ApiJson.Ok(ListEnvelope<AttemptResponse>.From(page.Select(attempt => AttemptResponse.From(messageId, attempt))));
    }
}

/// <param name="Outcome"><c>delivered</c>, <c>deferred</c>, <c>bounced</c> or <c>failed</c>.</param>
/// <param name="Host">The mail host; null when none was found, as the reply tells.</param>
/// <param name="Address">Its <c>ip:port</c>; null for an inbox of this server.</param>
/// <param name="Tls">Null in clear.</param>
public sealed record AttemptResponse(
    string Id, string MessageId, string Recipient, string At, string Outcome, int? Code, string Reply, string? Host, string? Address, AttemptTls? Tls)
{
    public static AttemptResponse From(string messageId, RecipientAttempt attempt) => new(
        attempt.Id, messageId, attempt.Recipient, ApiJson.Time(attempt.At), attempt.Outcome, attempt.Code, attempt.Reply,
        attempt.Way.Host, attempt.Way.Address,
        attempt.Way.TlsVersion is { } version ? new AttemptTls(version, attempt.Way.TlsCipher, attempt.Way.TlsVerified) : null);
}

/// <param name="Verified">The certificate was valid for the host, whether or not that was required.</param>
public sealed record AttemptTls(string Version, string? Cipher, bool Verified);
