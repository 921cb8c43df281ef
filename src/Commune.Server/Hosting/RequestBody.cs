using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Unicode;

namespace Commune.Server.Hosting;

/// <summary>
/// A JSON request body in which every member may be named in snake_case or camelCase (contract section 1); snake_case wins.
/// Members of the wrong kind end the request with a 400 that names them.
/// </summary>
public sealed class RequestBody
{
    private const int MaxDepth = 64;
    private const int MaxTexts = 1000;

    // Of names that stand in the code: there are only so many.
    private static readonly ConcurrentDictionary<string, string> CamelNames = new(StringComparer.Ordinal);
    private readonly JsonElement root;

    private RequestBody(JsonElement root) => this.root = root;

    /// <summary>The object itself.</summary>
    public JsonElement Whole => root;

    /// <summary>Reads the body whatever its content type; an empty one is an empty object.</summary>
    public static async Task<RequestBody> ReadAsync(HttpContext http)
    {
        const int MostAtOnce = 1024 * 1024;
        using var buffer = new MemoryStream((int)Math.Min(http.Request.ContentLength ?? 0, MostAtOnce));
        await http.Request.Body.CopyToAsync(buffer, http.RequestAborted);
        return Parse(buffer.GetBuffer().AsMemory(0, (int)buffer.Length));
    }

    public static RequestBody Parse(ReadOnlyMemory<byte> utf8)
    {
        var text = utf8.Span;
        if (text.StartsWith("\uFEFF"u8))
            utf8 = utf8[3..];
        if (utf8.Span.IndexOfAnyExcept((byte)' ', (byte)'\r', (byte)'\n') < 0)
            utf8 = "{}"u8.ToArray();
        if (!Utf8.IsValid(utf8.Span))
            throw ApiException.BadRequest("The request body is not valid UTF-8", "invalid_json");
        try
        {
            CheckText(utf8.Span);
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = MaxDepth });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw ApiException.BadRequest("The request body must be a JSON object", "invalid_json");
            return new RequestBody(document.RootElement.Clone());
        }
        catch (JsonException)
        {
            throw ApiException.BadRequest("The request body is not valid JSON", "invalid_json");
        }
    }

    /// <summary>JSON may escape half a surrogate pair, in a name or in a value, which is not text: refused once, before anybody reads it.</summary>
    private static void CheckText(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IndexOf("\\ud"u8) < 0 && utf8.IndexOf("\\uD"u8) < 0)
            return;
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is not (JsonTokenType.PropertyName or JsonTokenType.String) || !reader.ValueIsEscaped)
                continue;
            try
            {
                reader.GetString();
            }
            catch (InvalidOperationException)
            {
                throw ApiException.BadRequest("The request body escapes half a surrogate pair, which is not Unicode text", "invalid_json");
            }
        }
    }

    /// <summary>The member, or null when it is absent. JSON null is present: its kind is <see cref="JsonValueKind.Null"/>.</summary>
    public JsonElement? Member(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (root.TryGetProperty(name, out var value))
                return value;
            if (name.Contains('_', StringComparison.Ordinal) && root.TryGetProperty(CamelOf(name), out value))
                return value;
        }
        return null;
    }

    /// <summary>A string member; null when absent or JSON null.</summary>
    public string? Text(params ReadOnlySpan<string> names) => Member(names) switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.String } value => value.GetString()!,
        _ => throw ApiException.Invalid(names[0], $"{names[0]} must be a string"),
    };

    /// <summary>A boolean member; null when absent or JSON null.</summary>
    public bool? Flag(params ReadOnlySpan<string> names) => Member(names) switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw ApiException.Invalid(names[0], $"{names[0]} must be true or false"),
    };

    public string RequiredText(params ReadOnlySpan<string> names)
    {
        var text = Text(names);
        return string.IsNullOrWhiteSpace(text) ? throw ApiException.Invalid(names[0], $"{names[0]} is required") : text;
    }

    /// <summary>A string or an array of strings; null when absent or JSON null.</summary>
    public IReadOnlyList<string>? Texts(params ReadOnlySpan<string> names)
    {
        var field = names[0];
        switch (Member(names))
        {
            case null or { ValueKind: JsonValueKind.Null }:
                return null;
            case { ValueKind: JsonValueKind.String } single:
                return [single.GetString()!];
            case { ValueKind: JsonValueKind.Array } array when array.GetArrayLength() > MaxTexts:
                throw ApiException.Invalid(field, $"{field} must hold at most {MaxTexts} strings");
            case { ValueKind: JsonValueKind.Array } array:
                return [.. array.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String
                    ? item.GetString()! : throw ApiException.Invalid(field, $"{field} must hold strings only"))];
            default:
                throw ApiException.Invalid(field, $"{field} must be a string or an array of strings");
        }
    }

    private static string CamelOf(string snake) =>
        CamelNames.GetOrAdd(snake, static name => JsonNamingPolicy.CamelCase.ConvertName(ToPascal(name)));

    private static string ToPascal(string snake) =>
        string.Concat(snake.Split('_').Select(static word => word.Length == 0 ? "" : char.ToUpperInvariant(word[0]) + word[1..]));
}
