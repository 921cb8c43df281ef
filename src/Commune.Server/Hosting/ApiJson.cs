using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Commune.Server.Hosting;

/// <summary>How responses are written: snake_case names, Unicode as it is, aliases named where they stand (contract section 1).</summary>
public static class ApiJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>ISO 8601 UTC with milliseconds and <c>Z</c>, from Unix ms.</summary>
    public static string Time(long unixMilliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static string? Time(long? unixMilliseconds) => unixMilliseconds is { } at ? Time(at) : null;

    public static IResult Ok<T>(T value) => Results.Json(value, Options);

    public static IResult Created<T>(T value) => Results.Json(value, Options, statusCode: StatusCodes.Status201Created);
}

/// <summary>One object under <c>data</c>.</summary>
public sealed record Envelope<T>(T Data);

/// <summary>A list with its paging members.</summary>
public sealed record ListEnvelope<T>(IReadOnlyList<T> Data, string? NextCursor, bool HasMore)
{
    public static ListEnvelope<T> From(Storage.Page<T> page) => new(page.Items, page.Next?.Encode(), page.Next is not null);
}
