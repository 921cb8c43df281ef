using Commune.Server.Api.Messages;
using Commune.Server.Extraction;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Inboxes;

/// <summary>Tries a schema, the inbox's or one of the request, on a text or on a message of the inbox. Nothing is kept.</summary>
internal static class TestExtractionSchema
{
    private const int LongestText = 200_000;

    public static async Task<IResult> HandleAsync(
        HttpContext http, IStore store, ReadBySchema read, TimeProvider time, string inboxId, string? domainId = null)
    {
        var body = await RequestBody.ReadAsync(http);
        var (text, messageId, subject, from) = (body.Text("text"), body.Text("message_id"), body.Text("subject"), body.Text("from"));
        if (text is null == messageId is null)
            throw ApiException.Invalid("text", "text or message_id is required, one of them: what the schema is tried on");
        if (text is { Length: > LongestText })
            throw ApiException.Invalid("text", $"text must be at most {LongestText} characters");
        var given = InboxSettings.SchemaOf(body);

        var inbox = await InboxEndpoints.FindAsync(store, http, inboxId, domainId);
        var message = messageId is null ? null : await FindAsync(http, store, inbox, messageId);
        var schema = given ?? InboxSchema.Of(inbox)
            ?? throw ApiException.Conflict("The inbox has no extraction schema: give one as schema, or set it first", "no_schema");
        var mail = message is not null ? MessageText.Of(message) : MessageText.Of(subject ?? "", from, text!, time.GetUtcNow());
        var outcome = await read.AnswerAsync(inbox.OrgId, schema, mail, http.RequestAborted);
        return ApiJson.Ok(new Envelope<ExtractionResponse>(new ExtractionResponse(message?.Id, outcome.Data, outcome.Info, DryRun: true)));
    }

    private static async Task<MailMessage> FindAsync(HttpContext http, IStore store, Inbox inbox, string messageId)
    {
        // A key that may set up inboxes does not therefore read their mail.
        Authentication.Require(http, Scopes.MessagesRead);
        var message = await store.Messages.GetAsync(inbox.OrgId, messageId, http.RequestAborted);
        return message is { Direction: "inbound" } && message.InboxId == inbox.Id ? message : throw ApiException.NotFound("Message");
    }
}
