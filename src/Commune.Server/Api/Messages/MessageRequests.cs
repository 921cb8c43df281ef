using System.Text.Json;
using Commune.Server.Api.Description;

namespace Commune.Server.Api.Messages;

/// <summary>A message to send. At least one of `text` and `html` is needed.</summary>
/// <param name="To">Addresses, as kim@example.com or Kim &lt;kim@example.com&gt;; at most 50 over to, cc and bcc.</param>
/// <param name="Subject">Needed but in a reply, which takes the thread's.</param>
/// <param name="From">An address of yours; standard is that of the inbox.</param>
/// <param name="InboxId">The inbox that sends.</param>
/// <param name="DomainId">Sends from the first inbox at this domain.</param>
/// <param name="ThreadId">Makes it a reply in this thread.</param>
/// <param name="Attachments">Ids of uploaded or received attachments, or the files themselves; 40 MB together.</param>
/// <param name="Headers">Further header fields; those that carry the mail are left out.</param>
/// <param name="IdempotencyKey">The same key with the same message sends once within 24 hours. The header Idempotency-Key may hold it instead.</param>
/// <param name="SendAt">Send then, and not at once.</param>
/// <param name="CancelOnReply">With send_at: do not send when the other side writes first.</param>
/// <param name="AutoSubmitted">No person wrote it (RFC 3834).</param>
/// <param name="Unsubscribe">Offer one-click unsubscribing; needs a single recipient.</param>
[Example($$"""
    { "to": "kim@example.com", "subject": "Your parcel", "text": "It has left our house.", "html": "<p>It has left our house.</p>",
      "inbox_id": "{{ExampleIds.Inbox}}", "idempotency_key": "parcel-17" }
    """)]
internal sealed record NewMessageRequest(
    TextOrTexts To, string? Subject, string? Text, string? Html, string? From, TextOrTexts? Cc, TextOrTexts? Bcc, TextOrTexts? ReplyTo, string? InboxId,
    string? DomainId, string? ThreadId, IReadOnlyList<IdOrFile>? Attachments, IReadOnlyDictionary<string, string>? Headers, string? IdempotencyKey,
    string? SendAt, bool? CancelOnReply, bool? AutoSubmitted, bool? Unsubscribe);

/// <param name="Content">The file as base64.</param>
/// <param name="ContentType">Standard is by the file name.</param>
internal sealed record InlineFileRequest(string Filename, string Content, string? ContentType);

/// <param name="DryRun">Tell what is found and keep nothing.</param>
/// <param name="Schema">For a dry run: another schema than the inbox's, a JSON Schema or an object with name and schema.</param>
[Example("""{ "dry_run": true, "schema": { "type": "object", "properties": { "order_id": { "type": "string" } } } }""")]
internal sealed record ExtractRequest(bool? DryRun, JsonElement? Schema);
