using Commune.Server.Api.Description;
using Commune.Server.Hosting;

namespace Commune.Server.Api.Events;

/// <summary>The organisation's event log: pulled, streamed, over a socket (docs/events.md).</summary>
public static class EventEndpoints
{
    private static readonly QueryField Types = new("types", "Types separated by commas, such as message.received or message.*; all without it.");
    private static readonly QueryField After = new("after", "Begin behind this: an event id, a `cursor`, a sequence number, `latest` (standard) or `earliest`.");

    public static void MapEvents(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/events", ListEvents.HandleAsync).Needs(Scopes.MessagesRead)
            .Is(Call.Named("events.list").Gives<EventList>().Asks(
            Types, QueryField.Inbox with { Example = null }, new QueryField("after", "Begin behind this: an event id, a `cursor`, a sequence number, `latest` or `earliest`.") { Example = "earliest" },
            new QueryField("wait", "Seconds to wait for the first event when there is none; 60 at most.") { Kind = "number" },
            new QueryField("limit", "How many at most; a number out of range is clamped.") { Kind = "integer", Least = 1, Most = 1000, Standard = 100 },
            new QueryField("cursor", "Another name for `after`.")));
        v1.MapGet("/events/stream", StreamEvents.HandleAsync).Needs(Scopes.MessagesRead)
            .Is(Call.Named("events.stream").GivesRaw("text/event-stream").Asks(Types, QueryField.Inbox with { Example = null }, After)
            .ReadsHeader(new QueryField("Last-Event-ID", "The id of the last event that was seen; overrules `after`.")).Fails(429, "Too many streams are open"));
        v1.MapGet("/events/socket", OpenEventSocket.HandleAsync).Needs(Scopes.MessagesRead)
            .Is(Call.Named("events.socket").GivesRaw("text/event-stream", StatusCodes.Status101SwitchingProtocols).Asks(Types, QueryField.Inbox with { Example = null }, After)
            .Fails(426, "The request does not ask for a WebSocket").Fails(429, "Too many streams are open"));
    }
}
