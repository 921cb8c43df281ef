using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Sending;

/// <summary>Tells whether the organisation's sending is paused, why, and until when.</summary>
internal static class GetSendingPause
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store)
    {
        var orgId = Authentication.CallerOf(http).OrgId;
        return ApiJson.Ok(new Envelope<SendingPauseResponse>(SendingPauseResponse.From(orgId, await store.Pauses.GetAsync(orgId, http.RequestAborted))));
    }
}

/// <param name="HardBounces">Recipients in the last 24 hours, as <paramref name="Complaints"/> and <paramref name="Outcomes"/> (delivered or bounced); null when not paused.</param>
public sealed record SendingPauseResponse(string OrgId, bool Paused, string? PausedAt, string? PausedUntil, int? Outcomes, int? HardBounces, int? Complaints)
{
    public static SendingPauseResponse From(string orgId, SendingPause? pause) => new(
        orgId, pause is not null, ApiJson.Time(pause?.PausedAt), ApiJson.Time(pause?.Until), pause?.Outcomes, pause?.HardBounces, pause?.Complaints);
}
