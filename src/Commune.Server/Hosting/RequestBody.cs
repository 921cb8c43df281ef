using System.Text.Json;

namespace Commune.Server.Hosting;

/// <summary>
/// A JSON request body in which every member may be named in snake_case or camelCase (contract section 1); snake_case wins.
/// Members of the wrong kind end the request with a 400 that names them.
/// </summary>
public sealed class RequestBody
{
    private readonly JsonElement root;

    private RequestBody(JsonElement root) => this.root = root;

    /// <summary>The object itself.</summary>
    public JsonElement Whole => root;

    /// <summary>Reads the body whatever its content type; an empty one is an empty object.</summary>
    public static async Task<RequestBody> ReadAsync(HttpContext http)
    {
        using var buffer = new MemoryStream();
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
        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = 64 });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw ApiException.BadRequest("The request body must be a JSON object", "invalid_json");
            return new RequestBody(document.RootElement.Clone());
        }
        catch (JsonException)
        {
            throw ApiException.BadRequest("The request body is not valid JSON", "invalid_json");
        }
    }

    /// <summary>The member, or null when it is absent. JSON null is present: its kind is <see cref="JsonValueKind.Null"/>.</summary>
    public JsonElement? Member(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (root.TryGetProperty(name, out var value))
                return value;
            var camel = JsonNamingPolicy.CamelCase.ConvertName(ToPascal(name));
            if (camel != name && root.TryGetProperty(camel, out value))
                return value;
        }
        return null;
    }

    /// <summary>A string member; null when absent or JSON null.</summary>
    public string? Text(params ReadOnlySpan<string> names) => Member(names) switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.String } value => ReadString(value, names[0]),
        _ => throw ApiException.Invalid(names[0], $"{names[0]} must be a string"),
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
                return [ReadString(single, field)];
            case { ValueKind: JsonValueKind.Array } array:
                return [.. array.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String
                    ? ReadString(item, field) : throw ApiException.Invalid(field, $"{field} must hold strings only"))];
            default:
                throw ApiException.Invalid(field, $"{field} must be a string or an array of strings");
        }
    }

    public static string ReadString(JsonElement value, string field)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // JSON may escape half a surrogate pair, which is not text.
            throw ApiException.Invalid(field, $"{field} is not valid Unicode text");
        }
    }

    private static string ToPascal(string snake) =>
        string.Concat(snake.Split('_').Select(static word => word.Length == 0 ? "" : char.ToUpperInvariant(word[0]) + word[1..]));
}
