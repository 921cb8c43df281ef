using System.Text.Encodings.Web;

namespace Commune.Server.Api.Unsubscribe;

/// <summary>The few words that a person sees. No script, nothing loaded, and the link's token goes nowhere else.</summary>
internal static class UnsubscribePage
{
    public static IResult Ask(HttpContext http, string recipient) => Page(http, StatusCodes.Status200OK, "Unsubscribe",
        $"""
        <p>Stop mail from this sender to <b>{HtmlEncoder.Default.Encode(recipient)}</b>?</p>
        <form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click"><button>Unsubscribe</button></form>
        """);

    public static IResult Done(HttpContext http, string recipient) => Page(http, StatusCodes.Status200OK, "Unsubscribed",
        $"<p><b>{HtmlEncoder.Default.Encode(recipient)}</b> gets no more mail from this sender.</p>");

    public static IResult Broken(HttpContext http) => Page(http, StatusCodes.Status400BadRequest, "This link does not work",
        "<p>The link is incomplete or was changed on its way. Copy the whole link from the message, or answer the message and ask to be left out.</p>");

    private static IResult Page(HttpContext http, int status, string title, string body)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
        headers["Referrer-Policy"] = "no-referrer";
        headers["X-Robots-Tag"] = "noindex";
        headers.CacheControl = "no-store";
        return Results.Content(
            $$"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{title}}</title>
            <style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem}button{font:inherit;padding:.5rem 1.2rem}</style>
            </head><body><h1>{{title}}</h1>
            {{body}}
            </body></html>
            """,
            "text/html; charset=utf-8", statusCode: status);
    }
}
