using Commune.Server.Outbound;

namespace Commune.Server.Api.Unsubscribe;

/// <summary>Unsubscribes at once: no log-in, no redirect, no further question (RFC 8058 §3.1).</summary>
internal static class TakeUnsubscribe
{
    public static async Task<IResult> HandleAsync(HttpContext http, UnsubscribeLinks links, Unsubscribing unsubscribing, string? token)
    {
        if (await links.CheckAsync(token ?? "", http.RequestAborted) is not { } link)
            return UnsubscribePage.Broken(http);
        await unsubscribing.TakeAsync(link, http.RequestAborted);
        return UnsubscribePage.Done(http, link.Recipient);
    }
}
