using System.Text.Json;
using System.Text.Json.Nodes;
using Commune.Ai.JsonSchema;

namespace Commune.Ai.Extraction;

/// <summary>A model's answer, as far as it is one.</summary>
/// <param name="Values">In the form of the user's schema.</param>
/// <param name="Quotes">By path, in the twin's form or the user's.</param>
internal sealed record ModelAnswer(JsonObject Values, IReadOnlyDictionary<string, string> Quotes)
{
    private const int Longest = 400_000;

    /// <summary>Null when it is no JSON object of the form that was asked for.</summary>
    public static ModelAnswer? Read(string text, StrictTwin twin)
    {
        // Some put their JSON between fences, whatever they are told.
        var (from, to) = (text.IndexOf('{', StringComparison.Ordinal), text.LastIndexOf('}'));
        if (from < 0 || to < from || to - from > Longest)
            return null;
        try
        {
            using var document = JsonDocument.Parse(text.AsMemory(from, to - from + 1), new JsonDocumentOptions { MaxDepth = 48, AllowTrailingCommas = true });
            var answer = JsonData.Of(document.RootElement);
            return answer.Members.TryGetValue("values", out var values) && values.Kind == JsonValueKind.Object
                ? new ModelAnswer(twin.Restore(values), QuotesOf(answer))
                : null;
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            // The latter for half a surrogate pair.
            return null;
        }
    }

    private static Dictionary<string, string> QuotesOf(JsonData answer)
    {
        var quotes = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!answer.Members.TryGetValue("quotes", out var list))
            return quotes;
        foreach (var entry in list.Items.Take(2000))
        {
            if (entry.Members.TryGetValue("path", out var path) && path.Kind == JsonValueKind.String
                && entry.Members.TryGetValue("quote", out var quote) && quote.Kind == JsonValueKind.String)
                quotes.TryAdd(path.Text.TrimStart('/', '#'), quote.Text);
        }

        return quotes;
    }
}
