using Commune.Server.Outbound;

namespace Commune.Server.Api.Unsubscribe;

/// <summary>Shows a page with a button that unsubscribes.</summary>
internal static class ShowUnsubscribe
{
    public static async Task<IResult> HandleAsync(HttpContext http, UnsubscribeLinks links, string? token)
    {
        var link = await links.CheckAsync(token ?? "", http.RequestAborted);
        return link is null ? UnsubscribePage.Broken(http) : UnsubscribePage.Ask(http, link.Recipient);
    }
}
