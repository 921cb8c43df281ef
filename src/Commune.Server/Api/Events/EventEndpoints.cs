using Commune.Server.Hosting;

namespace Commune.Server.Api.Events;

/// <summary>The organisation's event log: pulled, streamed, over a socket (docs/events.md).</summary>
public static class EventEndpoints
{
    public static void MapEvents(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/events", ListEvents.HandleAsync).Needs(Scopes.MessagesRead);
        v1.MapGet("/events/stream", StreamEvents.HandleAsync).Needs(Scopes.MessagesRead);
        v1.MapGet("/events/socket", OpenEventSocket.HandleAsync).Needs(Scopes.MessagesRead);
    }
}
