using System.Globalization;
using System.Text.Json.Nodes;

namespace Commune.Storage.Postgres;

/// <summary>What is written about delivery as JSON: contract section 10, <c>delivery_data</c>, and the data of delivery events.</summary>
internal static class DeliveryJson
{
    /// <summary>Contract section 1: ISO 8601, UTC, milliseconds.</summary>
    public static string Time(long at) =>
        DateTimeOffset.FromUnixTimeMilliseconds(at).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static string EventData(RecipientOutcome outcome) => new JsonObject
    {
        ["recipient"] = outcome.Address,
        ["code"] = outcome.Code,
        ["detail"] = outcome.Detail,
    }.ToJsonString();

    public static JsonObject Read(string? data) => data is null ? [] : JsonNode.Parse(data)?.AsObject() ?? [];
}
