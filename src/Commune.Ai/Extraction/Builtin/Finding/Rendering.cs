using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Commune.Ai.Extraction.Builtin.Fields;
using Commune.Ai.Extraction.Builtin.Values;

namespace Commune.Ai.Extraction.Builtin.Finding;

/// <summary>Writes values as the schema wants them, and keeps back what does not fit it.</summary>
/// <param name="mailOffset">The offset of the mail's date: that of times that name none; null when the mail has no date.</param>
internal sealed class Rendering(TimeSpan? mailOffset)
{
    /// <returns>Null when no form of the value fits the property.</returns>
    public JsonNode? Of(Field field, TypedValue value)
    {
        if (value.Kind is ValueKind.Amount or ValueKind.Number or ValueKind.Percent && field.Allows(JsonTypes.Number | JsonTypes.Integer) && Number(field, value.Number) is { } number)
            return number;
        if (value.Kind == ValueKind.Id && !field.Allows(JsonTypes.String))
            return long.TryParse(value.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? Number(field, id) : null;
        foreach (var text in Forms(field, value))
        {
            if (Text(field, text) is { } node)
                return node;
        }
        return null;
    }

    /// <summary>A text, when it fits.</summary>
    public static JsonNode? Text(Field field, string text)
    {
        var length = new StringInfo(text).LengthInTextElements > text.Length ? text.Length : text.EnumerateRunes().Count();
        return field.Allows(JsonTypes.String) && text.Length > 0 && length >= field.MinLength && length <= field.MaxLength && Matches(field, text) && IsAllowed(field, text)
            ? JsonValue.Create(text)
            : null;
    }

    /// <summary>A number, when it fits.</summary>
    public static JsonNode? Number(Field field, decimal number)
    {
        if (number < field.Minimum || number > field.Maximum || number <= field.ExclusiveMinimum || number >= field.ExclusiveMaximum)
            return null;
        if (!field.Allows(JsonTypes.Number) && number != decimal.Truncate(number))
            return null;
        if (field.MultipleOf is { } step && step > 0 && number % step != 0)
            return null;
        if (field.Values.Count > 0 && !field.Values.Any(value => value.ValueKind == System.Text.Json.JsonValueKind.Number && value.TryGetDecimal(out var one) && one == number))
            return null;
        return number == decimal.Truncate(number) && Math.Abs(number) < long.MaxValue ? JsonValue.Create((long)number) : JsonValue.Create(number);
    }

    private static bool IsAllowed(Field field, string text) =>
        field.Values.Count == 0 || field.Values.Any(value => value.ValueKind == System.Text.Json.JsonValueKind.String && value.GetString() == text);

    public static bool Matches(Field field, string text)
    {
        if (field.HasBadPattern)
            return false;
        try
        {
            return field.Pattern?.IsMatch(text) ?? true;
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private IEnumerable<string> Forms(Field field, TypedValue value)
    {
        switch (value.Kind)
        {
            case ValueKind.Date:
                foreach (var form in DateForms(field, value))
                    yield return form;
                break;
            case ValueKind.Time:
                foreach (var form in TimeForms(field, value))
                    yield return form;
                break;
            case ValueKind.Id:
                if (field.Format == "uuid" && !Guid.TryParseExact(value.Text, "D", out _))
                    yield break;
                yield return value.Text;
                yield return "#" + value.Text;
                yield return value.Text.ToUpperInvariant();
                break;
            case ValueKind.Link:
                yield return value.Text.StartsWith("www.", StringComparison.OrdinalIgnoreCase) ? "https://" + value.Text : value.Text;
                break;
            case ValueKind.Phone:
                yield return value.Text;
                yield return Compact(value.Text);
                break;
            case ValueKind.Number or ValueKind.Percent when field.Kind is FieldKind.Count or FieldKind.Number:
                yield return value.Number.ToString(CultureInfo.InvariantCulture);
                break;
            default:
                yield return value.Text;
                break;
        }
    }

    private IEnumerable<string> DateForms(Field field, TypedValue value)
    {
        if (value.Day is not { } day)
            yield break;
        if (field.Format == "date-time")
        {
            if (value.Clock is { } clock && (value.Offset ?? mailOffset) is { } offset)
                yield return new DateTimeOffset(day.ToDateTime(clock), offset).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture) + Zone(offset);
            yield break;
        }
        yield return day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        if (field.Format is not null || field.Pattern is null)
            yield break;
        // The schema has a form of its own.
        foreach (var form in (string[])["dd.MM.yyyy", "dd/MM/yyyy", "MM/dd/yyyy", "yyyyMMdd", "dd-MM-yyyy", "yyyy/MM/dd"])
            yield return day.ToString(form, CultureInfo.InvariantCulture);
    }

    private IEnumerable<string> TimeForms(Field field, TypedValue value)
    {
        if (value.Clock is not { } clock)
            yield break;
        if (field.Format == "time")
        {
            if ((value.Offset ?? mailOffset) is { } offset)
                yield return clock.ToString("HH:mm:ss", CultureInfo.InvariantCulture) + Zone(offset);
            yield break;
        }
        yield return clock.ToString("HH:mm", CultureInfo.InvariantCulture);
        yield return clock.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        yield return value.Text;
    }

    private static string Zone(TimeSpan offset) =>
        offset == TimeSpan.Zero ? "Z" : (offset < TimeSpan.Zero ? "-" : "+") + offset.ToString("hh':'mm", CultureInfo.InvariantCulture);

    private static string Compact(string phone) => string.Concat(phone.Where(c => char.IsAsciiDigit(c) || c == '+'));
}
