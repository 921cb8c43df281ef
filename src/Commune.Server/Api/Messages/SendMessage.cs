using Commune.Server.Hosting;
using Commune.Server.Outbound;

namespace Commune.Server.Api.Messages;

/// <summary>Sends an email: it is queued durably, stands in its thread, and leaves at once.</summary>
internal static class SendMessage
{
    public static async Task<IResult> HandleAsync(HttpContext http, SubmitMail submit, PublicAddress address)
    {
        var caller = Authentication.CallerOf(http);
        var request = SendRequest.Read(await RequestBody.ReadAsync(http), http.Request.Headers["Idempotency-Key"]);
        var accepted = await submit.SubmitAsync(caller.Organisation, request, address.Of(http.Request), http.RequestAborted);
        if (accepted.Replayed)
            http.Response.Headers["Idempotency-Replayed"] = "true";
        http.Response.StatusCode = accepted.Status;
        return Results.Bytes(accepted.Body, "application/json; charset=utf-8");
    }
}
