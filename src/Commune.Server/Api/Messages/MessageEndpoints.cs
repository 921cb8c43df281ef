using Commune.Server.Api.AgentView;
using Commune.Server.Api.Description;
using Commune.Server.Hosting;

namespace Commune.Server.Api.Messages;

/// <summary>Messages (contract section 10).</summary>
public static class MessageEndpoints
{
    /// <summary>40 MB of attachments as base64, and the text beside them.</summary>
    private const long MaxSendBytes = 64 * 1024 * 1024;

    public static void MapMessages(this IEndpointRouteBuilder v1)
    {
        v1.MapPost("/messages/send", SendMessage.HandleAsync).Needs(Scopes.MessagesWrite).WithMetadata(new RequestLimit(MaxSendBytes))
            .Is(Call.Named("messages.send").Takes<NewMessageRequest>().Gives<SendResponse>(StatusCodes.Status202Accepted)
            .ReadsHeader(new QueryField("Idempotency-Key", "The same key with the same message sends once within 24 hours; the answer to a repeat has the header Idempotency-Replayed."))
            .Fails(403, "Not an address of yours, an unverified domain, an inactive inbox, or sending is paused").Fails(404, "An inbox, domain, thread or attachment is unknown")
            .Fails(409, "The idempotency key was used for another message").Fails(413, "The message is too large").Fails(429, "Too many emails in this hour or day"));
        v1.MapGet("/messages", ListMessages.HandleAsync).Needs(Scopes.MessagesRead)
            .Is(Call.Named("messages.list").Gives<ListEnvelope<MessageResponse>>().AsksOneOf(QueryField.Inbox, QueryField.Domain,
            new QueryField("sender", "From this address.")).Asks(
            new QueryField("before", "Older than this.") { Kind = "date-time" }, new QueryField("after", "Newer than this.") { Kind = "date-time" }).Ordered("desc").Paged(50, 1000));
        v1.MapGet("/messages/{messageId}", GetMessage.HandleAsync).Needs(Scopes.MessagesRead)
            .Is(Call.Named("messages.get").Gives<Envelope<SingleMessageResponse>>());
        v1.MapPost("/messages/{messageId}/extract", ExtractAgain.HandleAsync).Needs(Scopes.MessagesWrite)
            .Is(Call.Named("messages.extract").Takes<ExtractRequest>().Gives<Envelope<ExtractionResponse>>()
            .Fails(409, "The message was sent from here, or its inbox has no schema"));
        v1.MapGet("/messages/{messageId}/attempts", ListAttempts.HandleAsync).Needs(Scopes.MessagesRead)
            .Is(Call.Named("messages.attempts").Gives<ListEnvelope<AttemptResponse>>().Paged(50, 1000));
        v1.MapDelete("/messages/{messageId}/schedule", CancelSchedule.HandleAsync).Needs(Scopes.MessagesWrite)
            .Is(Call.Named("messages.cancel").Gives<Envelope<MessageResponse>>().Fails(409, "The message does not wait for its time"));
        v1.MapGet("/messages/{messageId}/agent-view", GetAgentView.OfMessageAsync).Needs(Scopes.MessagesRead)
            .Is(Call.Named("messages.agentView").Gives<Envelope<AgentViewResponse>>().Saying("Gives a message ready for a model: cleaned, taken apart, labelled and fenced."));
        v1.MapPost("/messages/{messageId}/release", ReleaseMessage.HandleAsync).Needs(Scopes.MessagesWrite)
            .Is(Call.Named("messages.release").Gives<Envelope<MessageResponse>>().Fails(409, "The message is not in quarantine"));
        v1.MapGet("/messages/{messageId}/raw", GetRawMessage.HandleAsync).Needs(Scopes.MessagesRead)
            .Is(Call.Named("messages.raw").GivesRaw("message/rfc822"));
    }
}
