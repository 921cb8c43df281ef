using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Commune.Storage;

/// <summary>The <c>data</c> of events that the stores write themselves: the same in both engines, small, and enough to act without another call.</summary>
internal static class EventData
{
    internal static EventJson Json { get; } = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    });

    /// <summary><c>thread.updated</c>: the state from now on, and what changed.</summary>
    public static string OfTriage(Triage before, Triage after)
    {
        string[] added = [.. after.Tags.Except(before.Tags, StringComparer.Ordinal)];
        string[] removed = [.. before.Tags.Except(after.Tags, StringComparer.Ordinal)];
        return JsonSerializer.Serialize(
            new TriageEvent(
                after.Status, after.AssignedTo, after.Tags,
                new TriageChanges(
                    after.Status == before.Status ? null : new ChangedText(before.Status, after.Status),
                    after.AssignedTo == before.AssignedTo ? null : new ChangedText(before.AssignedTo, after.AssignedTo),
                    added.Length + removed.Length == 0 ? null : new ChangedTags(added, removed))),
            Json.TriageEvent);
    }
}

/// <summary>The <c>data</c> of <c>message.received</c> and <c>message.queued</c>, made before the commit's turn but for one member.</summary>
internal sealed class MessageEventData(IReadOnlyList<Participant> participants, string subject, string snippet, int attachments)
{
    private const int LongestText = 300;
    private const int MostAddresses = 20;

    private readonly string body = Write(participants, subject, snippet, attachments);

    /// <param name="newThread">True when the message began its thread.</param>
    public string Text(bool newThread) => (newThread ? "{\"new_thread\":true," : "{\"new_thread\":false,") + body;

    private static string Write(IReadOnlyList<Participant> participants, string subject, string snippet, int attachments)
    {
        var sender = participants.FirstOrDefault(static participant => participant.Role == "sender");
        var json = JsonSerializer.Serialize(
            new MessageEvent(
                Cut(sender?.Identity ?? ""), sender?.Name is { } name ? Cut(name) : null,
                [.. participants.Where(static participant => participant.Role == "to").Take(MostAddresses).Select(static participant => Cut(participant.Identity))],
                Cut(subject), Cut(snippet), attachments),
            EventData.Json.MessageEvent);
        return json[1..];
    }

    /// <summary>Whoever mails us megabytes in a field must not make the log as large.</summary>
    private static string Cut(string text)
    {
        if (text.Length <= LongestText)
            return text;
        return text[..(char.IsHighSurrogate(text[LongestText - 1]) ? LongestText - 1 : LongestText)];
    }
}

internal sealed record MessageEvent(string From, string? FromName, IReadOnlyList<string> To, string Subject, string Snippet, int AttachmentCount);

internal sealed record TriageEvent(string Status, string? AssignedTo, IReadOnlyList<string> Tags, TriageChanges Changed);

/// <summary>Null is what stayed as it was.</summary>
internal sealed record TriageChanges(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ChangedText? Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ChangedText? AssignedTo,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ChangedTags? Tags);

internal sealed record ChangedText(string? From, string? To);

internal sealed record ChangedTags(IReadOnlyList<string> Added, IReadOnlyList<string> Removed);

[JsonSerializable(typeof(MessageEvent))]
[JsonSerializable(typeof(TriageEvent))]
internal sealed partial class EventJson : JsonSerializerContext;
