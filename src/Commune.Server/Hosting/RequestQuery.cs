using System.Globalization;
using System.Text.RegularExpressions;
using Commune.Storage;

namespace Commune.Server.Hosting;

/// <summary>Query parameters, each in snake_case or camelCase (contract section 1).</summary>
public static partial class RequestQuery
{
    public static string? Text(this IQueryCollection query, string name)
    {
        string? value = query[name];
        if (string.IsNullOrEmpty(value))
            value = query[Camel(name)];
        return string.IsNullOrWhiteSpace(value) ? null : value.Trim();
    }

    /// <summary>Out of range is clamped; not a number is the default.</summary>
    public static int Limit(this IQueryCollection query, int standard, int most) =>
        long.TryParse(query.Text("limit"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var limit)
            ? (int)Math.Clamp(limit, 1, most) : standard;

    public static SortOrder Order(this IQueryCollection query, SortOrder standard) => query.Text("order") switch
    {
        null => standard,
        "asc" => SortOrder.Ascending,
        "desc" => SortOrder.Descending,
        _ => throw ApiException.Invalid("order", "order must be asc or desc"),
    };

    public static PageCursor? Cursor(this IQueryCollection query) => query.Text("cursor") switch
    {
        null => null,
        var text when PageCursor.TryDecode(text, out var cursor) => cursor,
        _ => throw ApiException.Invalid("cursor", "Invalid cursor"),
    };

    /// <summary>ISO 8601 with a zone, or a date alone, which means midnight UTC; Unix ms.</summary>
    public static long? Time(this IQueryCollection query, string name)
    {
        if (query.Text(name) is not { } text)
            return null;
        // A plus sign that was not percent-encoded arrives as a space: 2026-01-01T00:00:00 02:00.
        text = text.Replace(' ', '+');
        return TryParseTime(text, out var at) ? at
            : throw ApiException.Invalid(name, $"{name} must be an ISO 8601 time with a zone, such as 2026-01-31T12:00:00Z");
    }

    /// <summary>ISO 8601, extended (2026-01-31T12:00:00+02:00) or basic (20260131T120000+0200); a date alone begins its day in UTC.</summary>
    public static bool TryParseTime(string text, out long unixMilliseconds)
    {
        text = Extended(text);
        var hasTime = text.Contains('T', StringComparison.OrdinalIgnoreCase);
        var hasZone = text.EndsWith('Z') || text.EndsWith('z') || (hasTime && text.LastIndexOfAny(['+', '-']) > text.IndexOf('T', StringComparison.OrdinalIgnoreCase));
        unixMilliseconds = 0;
        if (hasTime ? !hasZone : text.Length != 10)
            return false;
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at))
            return false;
        unixMilliseconds = at.ToUnixTimeMilliseconds();
        return true;
    }

    private static string Camel(string snake) => string.Concat(
        snake.Split('_').Select(static (word, i) => i == 0 || word.Length == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..]));

    /// <summary>The basic format of ISO 8601 in the extended one; what is neither stays as it is.</summary>
    private static string Extended(string text)
    {
        const int LongestTime = 40;
        if (text.Length > LongestTime || BasicTime().Match(text) is not { Success: true } match)
            return text;
        var date = match.Groups["date"].Value is { Length: 8 } basic ? $"{basic[..4]}-{basic[4..6]}-{basic[6..]}" : match.Groups["date"].Value;
        if (!match.Groups["hours"].Success)
            return date;
        var seconds = match.Groups["seconds"].Success ? ":" + match.Groups["seconds"].Value.Replace(',', '.') : "";
        var zone = match.Groups["offset"].Success
            ? $"{match.Groups["sign"].Value}{match.Groups["offset"].Value}:{(match.Groups["part"].Success ? match.Groups["part"].Value : "00")}" : "Z";
        return $"{date}T{match.Groups["hours"].Value}:{match.Groups["minutes"].Value}{seconds}{zone}";
    }

    [GeneratedRegex(
        @"^(?<date>\d{8}|\d{4}-\d\d-\d\d)([Tt](?<hours>\d\d):?(?<minutes>\d\d)(:?(?<seconds>\d\d([.,]\d{1,9})?))?([Zz]|(?<sign>[+-])(?<offset>\d\d)(:?(?<part>\d\d))?))?$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex BasicTime();
}
