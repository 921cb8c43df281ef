using System.Text.Json;
using System.Text.Json.Serialization;
using Commune.Server.Api.AgentView;
using Commune.Server.Api.Messages;
using Commune.Server.Hosting;
using Commune.Server.Inbound;
using Commune.Storage;

namespace Commune.Server.Webhooks;

/// <summary>The body of a call that tells of a received message (contract section 14): the hosted service's shape, and flat names behind it.</summary>
internal sealed record WebhookPayload
{
    [JsonPropertyName("domainId")] public required string DomainId { get; init; }
    [JsonPropertyName("inboxId")] public required string InboxId { get; init; }
    [JsonPropertyName("inboxAddress")] public required string InboxAddress { get; init; }
    public required PayloadEvent Event { get; init; }
    public required PayloadEmail Email { get; init; }
    public required MessageResponse Message { get; init; }
    [JsonPropertyName("extractedData")] public JsonElement? ExtractedData => Message.ExtractedData;
    public required IReadOnlyList<PayloadAttachment> Attachments { get; init; }
    public required PayloadSecurity Security { get; init; }

    /// <summary>Where the inbox's webhook asks for it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public AgentViewResponse? AgentView { get; init; }

    public string ThreadId => Message.ThreadId;
    public string MessageId => Message.MessageId;
    [JsonPropertyName("inbox_id")] public string FlatInboxId => InboxId;
    public string Sender => Message.From;
    public string From => Message.From;
    public IReadOnlyList<string> To => Message.To;
    public string Subject => Message.Subject;
    public string Text => Message.Content;
    public string Content => Message.Content;
    public string? Html => Message.ContentHtml;
    public JsonElement? Extracted => Message.ExtractedData;

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? WebhookId { get; init; }

    /// <param name="headers">What the mail's own header says (<see cref="ReceivedHeaders"/>).</param>
    /// <param name="delivery">Names the event and the endpoint, when it is one of the organisation's; null for a made-up message.</param>
    public static byte[] Render(MailMessage message, IReadOnlyList<Attachment> attachments, IReadOnlyDictionary<string, string> headers, WebhookDelivery? delivery, AgentViewResponse? agentView = null) => JsonSerializer.SerializeToUtf8Bytes(
        new WebhookPayload
        {
            DomainId = message.DomainId,
            InboxId = message.InboxId,
            InboxAddress = message.InboxAddress,
            Event = new PayloadEvent(
                "email.received", new PayloadEventData(message.Id),
                delivery?.EventSequence is { } sequence ? LogPosition.Of(delivery.OrgId, sequence) : null, delivery?.EventSequence),
            WebhookId = delivery?.WebhookId,
            Email = PayloadEmail.Of(message, headers),
            Message = MessageResponse.FromStored(message),
            Attachments = [.. attachments.Select(static a => new PayloadAttachment(a.Id, a.FileName, a.MediaType, a.Size))],
            Security = PayloadSecurity.Of(message),
            AgentView = agentView,
        },
        ApiJson.Options);
}

/// <param name="Id">The event's place in the log, with its number; not in calls of an inbox's own webhook.</param>
internal sealed record PayloadEvent(
    string Type, PayloadEventData Data,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Id = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Sequence = null);

internal sealed record PayloadEventData(string EmailId);

internal sealed record PayloadAttachment(string AttachmentId, string Filename, string MimeType, long Size);

/// <summary>The mail as its sender wrote it: addresses with their names.</summary>
internal sealed record PayloadEmail(
    string From, IReadOnlyList<string> To, IReadOnlyList<string> Cc, string Subject, string Text, string? Html, string? MessageId, string CreatedAt,
    IReadOnlyDictionary<string, string> Headers)
{
    public static PayloadEmail Of(MailMessage message, IReadOnlyDictionary<string, string> headers)
    {
        return new PayloadEmail(
            Addresses("sender").FirstOrDefault() ?? "", Addresses("to"), Addresses("cc"), message.Subject, message.Content, message.ContentHtml,
            message.SmtpMessageId, ApiJson.Time(message.CreatedAt), headers);

        IReadOnlyList<string> Addresses(string role) => [.. message.Participants.Where(p => p.Role == role)
            .Select(static p => string.IsNullOrEmpty(p.Name) ? p.Identity : $"{p.Name} <{p.Identity}>")];
    }
}

/// <summary>What screening found; what was not checked says so.</summary>
internal sealed record PayloadSecurity(PayloadSpam Spam, PayloadInjection PromptInjection)
{
    private static readonly PayloadSecurity Unchecked = new(new PayloadSpam(false, 0, "accept", false), new PayloadInjection(false, false, "none", 0));

    public static PayloadSecurity Of(MailMessage message) => ScreeningMetadata.Read(message.Metadata) is not { } found ? Unchecked
        : new PayloadSecurity(
            new PayloadSpam(true, found.SpamScore, found.SpamAction, found.SpamFlagged),
            new PayloadInjection(true, found.InjectionDetected, found.InjectionRisk, found.InjectionScore));
}

internal sealed record PayloadSpam(bool Checked, double Score, string Action, bool Flagged);

internal sealed record PayloadInjection(bool Checked, bool Detected, string RiskLevel, double Confidence);
