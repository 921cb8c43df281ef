using Commune.Server.Hosting;

namespace Commune.Server.Api.Messages;

/// <summary>Messages (contract section 10).</summary>
public static class MessageEndpoints
{
    public static void MapMessages(this IEndpointRouteBuilder v1)
    {
        v1.MapPost("/messages/send", SendMessage.HandleAsync).Needs(Scopes.MessagesWrite);
        v1.MapGet("/messages", ListMessages.HandleAsync).Needs(Scopes.MessagesRead);
        v1.MapGet("/messages/{messageId}", GetMessage.HandleAsync).Needs(Scopes.MessagesRead);
        v1.MapGet("/messages/{messageId}/raw", GetRawMessage.HandleAsync).Needs(Scopes.MessagesRead);
    }
}
