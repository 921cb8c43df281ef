using Commune.Server.Api.AgentView;
using Commune.Server.Hosting;
using Microsoft.AspNetCore.Mvc;

namespace Commune.Server.Api.Messages;

/// <summary>Messages (contract section 10).</summary>
public static class MessageEndpoints
{
    /// <summary>40 MB of attachments as base64, and the text beside them.</summary>
    private const long MaxSendBytes = 64 * 1024 * 1024;

    public static void MapMessages(this IEndpointRouteBuilder v1)
    {
        v1.MapPost("/messages/send", SendMessage.HandleAsync).Needs(Scopes.MessagesWrite).WithMetadata(new RequestSizeLimitAttribute(MaxSendBytes));
        v1.MapGet("/messages", ListMessages.HandleAsync).Needs(Scopes.MessagesRead);
        v1.MapGet("/messages/{messageId}", GetMessage.HandleAsync).Needs(Scopes.MessagesRead);
        v1.MapPost("/messages/{messageId}/extract", ExtractAgain.HandleAsync).Needs(Scopes.MessagesWrite);
        v1.MapGet("/messages/{messageId}/attempts", ListAttempts.HandleAsync).Needs(Scopes.MessagesRead);
        v1.MapDelete("/messages/{messageId}/schedule", CancelSchedule.HandleAsync).Needs(Scopes.MessagesWrite);
        v1.MapGet("/messages/{messageId}/agent-view", GetAgentView.OfMessageAsync).Needs(Scopes.MessagesRead);
        v1.MapPost("/messages/{messageId}/release", ReleaseMessage.HandleAsync).Needs(Scopes.MessagesWrite);
        v1.MapGet("/messages/{messageId}/raw", GetRawMessage.HandleAsync).Needs(Scopes.MessagesRead);
    }
}
