using System.Text.Json;
using System.Text.Json.Serialization;

namespace Commune.Storage.Postgres;

/// <summary>The JSON that stands in columns.</summary>
internal static class PostgresJson
{
    /// <summary>Cleaned before it is written: an escaped U+0000 would be refused by <c>jsonb</c>.</summary>
    public static string List(IEnumerable<string> items) =>
        JsonSerializer.Serialize([.. items.Select(PostgresText.Storable)], PostgresJsonContext.Default.StringArray);

    public static string[] ReadList(string json) =>
        json == "[]" ? [] : JsonSerializer.Deserialize(json, PostgresJsonContext.Default.StringArray) ?? [];

    public static string Participants(IEnumerable<Participant> participants) =>
        JsonSerializer.Serialize([.. participants], PostgresJsonContext.Default.ParticipantArray);

    public static Participant[] ReadParticipants(string json) =>
        JsonSerializer.Deserialize(json, PostgresJsonContext.Default.ParticipantArray) ?? [];

    public static string? Webhook(WebhookSetting? webhook) =>
        webhook is null ? null : JsonSerializer.Serialize(webhook, PostgresJsonContext.Default.WebhookSetting);

    public static WebhookSetting? ReadWebhook(string? json) =>
        json is null ? null : JsonSerializer.Deserialize(json, PostgresJsonContext.Default.WebhookSetting);

    public static string? Screening(ScreeningSetting? screening) =>
        screening is null ? null : JsonSerializer.Serialize(screening, PostgresJsonContext.Default.ScreeningSetting);

    public static ScreeningSetting? ReadScreening(string? json) =>
        json is null ? null : JsonSerializer.Deserialize(json, PostgresJsonContext.Default.ScreeningSetting);

    public static string Map(IReadOnlyDictionary<string, string> texts) =>
        JsonSerializer.Serialize(texts, PostgresJsonContext.Default.IReadOnlyDictionaryStringString);

    public static Dictionary<string, string> ReadMap(string json) => JsonSerializer.Deserialize(json, PostgresJsonContext.Default.DictionaryStringString)!;
}

[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(Participant[]))]
[JsonSerializable(typeof(WebhookSetting))]
[JsonSerializable(typeof(ScreeningSetting))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class PostgresJsonContext : JsonSerializerContext;
