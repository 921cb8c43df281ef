using System.Text;
using System.Text.Json;

namespace Commune.Ai.AttachmentText;

/// <summary>JSON as "name: value" lines, escapes undone; what is no JSON after all is plain text.</summary>
internal static class JsonText
{
    private static readonly JsonReaderOptions Options = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    public static void Read(ReadOnlySpan<byte> content, string? mediaType, CollectedText text)
    {
        var json = PlainText.Decode(content, mediaType).TrimStart('\uFEFF');
        if (!IsWellFormed(Encoding.UTF8.GetBytes(json)))
        {
            text.Append(json);
            return;
        }
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json), Options);
        while (!text.IsFull && reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    text.EndLine();
                    text.Append(reader.GetString());
                    text.Append(": ");
                    break;
                case JsonTokenType.String:
                    text.Append(reader.GetString());
                    text.EndLine();
                    break;
                case JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False:
                    text.Append(Encoding.UTF8.GetString(reader.ValueSpan));
                    text.EndLine();
                    break;
            }
        }
    }

    /// <summary>Whether it can be read to its end, strings included: an escaped half of a surrogate pair cannot.</summary>
    private static bool IsWellFormed(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, Options);
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                    reader.GetString();
            }
            return true;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return false;
        }
    }
}
