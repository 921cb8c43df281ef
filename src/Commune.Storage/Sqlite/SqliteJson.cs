using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Commune.Storage.Sqlite;

/// <summary>Columns that hold JSON text.</summary>
internal static class SqliteJson
{
    // The text goes into a column, not into a page: non-ASCII letters stay as they are.
    private static readonly SqliteJsonTypes Types = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    });

    public static string Write(IReadOnlyList<string> texts) => texts.Count == 0 ? "[]" : Write(texts, Types.IReadOnlyListString);

    public static string Write(IReadOnlyList<Participant> participants) =>
        participants.Count == 0 ? "[]" : Write(participants, Types.IReadOnlyListParticipant);

    public static string? Write(WebhookSetting? webhook) => webhook is null ? null : Write(webhook, Types.WebhookSetting);

    public static string? Write(ScreeningSetting? screening) => screening is null ? null : Write(screening, Types.ScreeningSetting);

    public static ScreeningSetting ReadScreening(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, Types.ScreeningSetting)!;

    public static IReadOnlyList<string> ReadTexts(ReadOnlySpan<byte> json) =>
        json.SequenceEqual("[]"u8) ? [] : JsonSerializer.Deserialize(json, Types.StringArray) ?? [];

    public static IReadOnlyList<Participant> ReadParticipants(ReadOnlySpan<byte> json) =>
        json.SequenceEqual("[]"u8) ? [] : JsonSerializer.Deserialize(json, Types.ParticipantArray) ?? [];

    public static WebhookSetting ReadWebhook(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, Types.WebhookSetting)!;

    public static string Write(IReadOnlyDictionary<string, string> texts) => Write(texts, Types.IReadOnlyDictionaryStringString);

    public static IReadOnlyDictionary<string, string> ReadMap(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, Types.DictionaryStringString)!;

    private static string Write<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.Serialize(value, type);
}

[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(IReadOnlyList<Participant>))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(Participant[]))]
[JsonSerializable(typeof(WebhookSetting))]
[JsonSerializable(typeof(ScreeningSetting))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class SqliteJsonTypes : JsonSerializerContext;
