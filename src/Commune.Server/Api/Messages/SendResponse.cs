using System.Text.Json.Serialization;
using Commune.Storage;

namespace Commune.Server.Api.Messages;

/// <summary>The 202 of contract section 10, with the top-level copies that the CLI prints.</summary>
public sealed record SendResponse(SentMessage Data)
{
    public string Id => Data.Id;
    [JsonPropertyName("messageId")] public string MessageIdAlias => Data.Id;
    public string MessageId => Data.Id;
    public string ThreadId => Data.ThreadId;
    public SendValidation Validation { get; init; } = new([], [], []);

    /// <summary>The response when some recipients are skipped: suppressed when nobody is left.</summary>
    public SendResponse Without(IReadOnlyList<SkippedRecipient> skipped, bool anybodyLeft) => skipped.Count == 0 ? this : this with
    {
        Data = anybodyLeft ? Data : Data with { Status = "suppressed" },
        Validation = Validation with { Suppressed = [.. skipped.Select(static one => new AddressNote(one.Address.ToLowerInvariant(), one.Reason))] },
    };
}

public sealed record SentMessage(
    string Id, string ThreadId, string SmtpMessageId, string Status, IReadOnlyList<string> To, string Subject)
{
    public string MessageId => Id;
    [JsonPropertyName("messageId")] public string MessageIdAlias => Id;
}

public sealed record SendValidation(
    IReadOnlyList<AddressNote> Rejected, IReadOnlyList<AddressNote> Warnings, IReadOnlyList<AddressNote> Suppressed);

public sealed record AddressNote(string Email, string Reason);
