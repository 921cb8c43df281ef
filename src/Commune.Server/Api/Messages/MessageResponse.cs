using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Commune.Mail.Mime;
using Commune.Mail.Text;
using Commune.Server.Hosting;
using Commune.Server.Inbound;
using Commune.Storage;

namespace Commune.Server.Api.Messages;

/// <summary>The message object of contract section 10.</summary>
public record MessageResponse
{
    public required string MessageId { get; init; }
    public string Id => MessageId;
    [JsonPropertyName("_id")] public string UnderscoreId => MessageId;
    public required string ThreadId { get; init; }
    [JsonPropertyName("threadId")] public string ThreadIdAlias => ThreadId;
    public string Channel => "email";
    public required string Direction { get; init; }
    public required IReadOnlyList<ParticipantResponse> Participants { get; init; }
    public required string Content { get; init; }
    public required string? ContentHtml { get; init; }

    /// <summary>What this mail adds: the content without quoted history and signature.</summary>
    public required string ReplyText { get; init; }
    public required IReadOnlyList<string> Attachments { get; init; }
    public JsonElement? ExtractedData => Metadata.ExtractedData;
    public required string CreatedAt { get; init; }
    [JsonPropertyName("createdAt")] public string CreatedAtAlias => CreatedAt;
    public string Date => CreatedAt;
    public required string From { get; init; }
    public required IReadOnlyList<string> To { get; init; }
    public required string Subject { get; init; }
    public required MessageMetadata Metadata { get; init; }

    public static MessageResponse FromStored(MailMessage message) => new()
    {
        MessageId = message.Id,
        ThreadId = message.ThreadId,
        Direction = message.Direction,
        Participants = [.. message.Participants.Select(static p => new ParticipantResponse(p.Role, p.Identity, p.Name))],
        Content = message.Content,
        ContentHtml = message.ContentHtml,
        ReplyText = new MessageContent(message.Content, message.ContentHtml, []).ReplyText,
        Attachments = message.AttachmentIds,
        CreatedAt = ApiJson.Time(message.CreatedAt),
        From = message.Participants.FirstOrDefault(static p => p.Role == "sender")?.Identity ?? "",
        To = [.. message.Participants.Where(static p => p.Role == "to").Select(static p => p.Identity)],
        Subject = message.Subject,
        Metadata = MessageMetadata.From(message),
    };
}

/// <summary>A message read alone, with the view of it that a list has no room for.</summary>
public sealed record SingleMessageResponse : MessageResponse
{
    [SetsRequiredMembers]
    private SingleMessageResponse(MessageResponse message, string? html) : base(message) =>
        ContentMarkdown = html is null ? null : MarkdownView.OfHtml(html);

    /// <summary>The HTML of the mail as Markdown: its structure without what could run or hide. Null without HTML.</summary>
    public string? ContentMarkdown { get; }

    public static new SingleMessageResponse FromStored(MailMessage message) => new(MessageResponse.FromStored(message), message.ContentHtml);
}

public sealed record ParticipantResponse(
    string Role, string Identity, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Name);

/// <summary><c>message.metadata</c>: what is known about the mail beside its text.</summary>
public sealed record MessageMetadata
{
    public required string CreatedAt { get; init; }
    public required string Subject { get; init; }
    public required string? InReplyTo { get; init; }
    public required IReadOnlyList<string> References { get; init; }
    public required string DomainId { get; init; }
    public required string InboxId { get; init; }
    public required string InboxAddress { get; init; }

    /// <summary>The SMTP Message-ID with its angle brackets.</summary>
    public required string? MessageId { get; init; }
    public required string? DeliveryStatus { get; init; }
    public required JsonElement? DeliveryData { get; init; }

    /// <summary>SPF, DKIM, DMARC and ARC of a mail that came over the network; null for others.</summary>
    public required JsonElement? Authentication { get; init; }

    /// <summary>What was read out of a received mail by its inbox's schema; null when nothing was.</summary>
    public required JsonElement? ExtractedData { get; init; }

    /// <summary>How that was found, and how it ended; null when it was not tried, or not yet.</summary>
    public required JsonElement? Extraction { get; init; }
    public required bool HasAttachments { get; init; }
    public required int AttachmentCount { get; init; }
    public required IReadOnlyList<string> AttachmentIds { get; init; }

    /// <summary>What screening found (docs/screening.md); absent where nothing was screened.</summary>
    [JsonIgnore] internal ScreeningMetadata? Screening { get; init; }
    public bool SpamChecked => Screening is not null;
    public double? SpamScore => Screening?.SpamScore;
    public string? SpamAction => Screening?.SpamAction;
    public bool? SpamFlagged => Screening?.SpamFlagged;
    public IReadOnlyList<string>? SpamReasons => Screening?.SpamReasons;
    public bool PromptInjectionChecked => Screening is not null;
    public bool? PromptInjectionDetected => Screening?.InjectionDetected;
    public string? PromptInjectionRisk => Screening?.InjectionRisk;
    public double? PromptInjectionScore => Screening?.InjectionScore;

    /// <summary>One string, as the Python SDK wants it; the agent view has them as objects.</summary>
    public string? PromptInjectionSignals => Screening?.SignalText;

    /// <summary>Held back by the inbox's settings until it is released.</summary>
    public required bool Quarantined { get; init; }

    /// <summary>The inbox does not take this sender's mail, and another recipient of the same mail does.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Blocked { get; init; }

    public static MessageMetadata From(MailMessage message) => new()
    {
        Screening = ScreeningMetadata.Read(message.Metadata),
        Quarantined = message.IsQuarantined,
        CreatedAt = ApiJson.Time(message.CreatedAt),
        Subject = message.Subject,
        InReplyTo = message.InReplyTo,
        References = message.References,
        DomainId = message.DomainId,
        InboxId = message.InboxId,
        InboxAddress = message.InboxAddress,
        MessageId = message.SmtpMessageId,
        DeliveryStatus = message.DeliveryStatus,
        DeliveryData = message.DeliveryData is { } data ? JsonSerializer.Deserialize<JsonElement>(data) : null,
        Authentication = message.Metadata is { } metadata && JsonSerializer.Deserialize<JsonElement>(metadata).TryGetProperty("authentication", out var found) ? found : null,
        ExtractedData = message.ExtractedData is { } extracted ? JsonSerializer.Deserialize<JsonElement>(extracted) : null,
        Extraction = message.Extraction is { } extraction ? JsonSerializer.Deserialize<JsonElement>(extraction) : null,
        Blocked = message.IsBlocked ? true : null,
        HasAttachments = message.AttachmentIds.Count > 0,
        AttachmentCount = message.AttachmentIds.Count,
        AttachmentIds = message.AttachmentIds,
    };
}
