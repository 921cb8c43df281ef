using Commune.Server.Api.Description;
using Commune.Server.Hosting;

namespace Commune.Server.Api.Sending;

/// <summary>Whether the organisation may send, and the operator's way to lift a pause.</summary>
public static class SendingPauseEndpoints
{
    private const string Path = "/agent/sending-pause";

    public static void MapSendingPause(this IEndpointRouteBuilder v1)
    {
        v1.MapGet(Path, GetSendingPause.HandleAsync).Needs("")
            .Is(Call.Named("sending.pause").Gives<Envelope<SendingPauseResponse>>());
        v1.MapDelete(Path, LiftSendingPause.HandleAsync).Needs(Scopes.Admin)
            .Is(Call.Named("sending.resume").Gives<Envelope<SendingPauseResponse>>().Fails(403, "Only the operator of the server lifts a pause").Fails(404, "The organisation is unknown")
            .Asks(new QueryField("org_id", "The organisation; standard is the operator's own.")));
    }
}
