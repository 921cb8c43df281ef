using Commune.Mail.Mime;
using Commune.Mail.Text;
using Commune.Server.Extraction;
using Commune.Server.Hosting;
using Commune.Server.Search;
using Commune.Storage;

namespace Commune.Server.Api.Messages;

/// <summary>Releases a message that was held back: whoever waits hears of it now, the webhook when its data is read.</summary>
internal static class ReleaseMessage
{
    public static async Task<IResult> HandleAsync(
        HttpContext http, IStore store, IndexMail index, ExtractionOptions extraction, TimeProvider time, string messageId)
    {
        var orgId = Authentication.CallerOf(http).OrgId;
        var message = await store.Messages.GetAsync(orgId, messageId, http.RequestAborted) ?? throw ApiException.NotFound("Message");
        // The answer shows the message, and a key that may only write must not read it this way.
        Authentication.Require(http, Scopes.MessagesRead);
        var content = new MessageContent(message.Content, message.ContentHtml, []);
        var released = await store.Inbound.ReleaseAsync(
            message, Snippet.Of(content), await EntryOf(store, index, message, content, http.RequestAborted), time.GetUtcNow().ToUnixTimeMilliseconds(), http.RequestAborted, AuditTrail.Entry(http, "message.release", messageId),
            extraction.WebhookWaitMs);
        if (released == QuarantineRelease.NotQuarantined)
            throw ApiException.Conflict("The message is not in quarantine: there is nothing to release", "not_quarantined");
        var now = released == QuarantineRelease.Released ? await store.Messages.GetAsync(orgId, messageId, http.RequestAborted) : null;
        return ApiJson.Ok(new Envelope<MessageResponse>(MessageResponse.FromStored(now ?? throw ApiException.NotFound("Message"))));
    }

    /// <summary>While it was held back, no search was to find it.</summary>
    private static async Task<SearchEntry?> EntryOf(IStore store, IndexMail index, MailMessage message, MessageContent content, CancellationToken cancellation)
    {
        if (!index.IsOn)
            return null;
        var names = new List<string>();
        foreach (var id in message.AttachmentIds)
        {
            if (await store.Messages.GetAttachmentAsync(message.OrgId, id, cancellation) is { } file)
                names.Add(file.FileName);
        }
        return index.EntryOf(message.Subject, content.Text, content.ReplyText, message.Participants, names);
    }
}
