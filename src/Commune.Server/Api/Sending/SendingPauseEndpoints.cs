using Commune.Server.Hosting;

namespace Commune.Server.Api.Sending;

/// <summary>Whether the organisation may send, and the operator's way to lift a pause.</summary>
public static class SendingPauseEndpoints
{
    private const string Path = "/agent/sending-pause";

    public static void MapSendingPause(this IEndpointRouteBuilder v1)
    {
        v1.MapGet(Path, GetSendingPause.HandleAsync).Needs("");
        v1.MapDelete(Path, LiftSendingPause.HandleAsync).Needs(Scopes.Admin);
    }
}
