using System.Globalization;
using System.Text;

namespace Commune.Ai.Search;

/// <summary>
/// Takes a query apart: <c>from:kim@example.com has:attachment "lost parcel" refund</c>. Any text is a query: what is no filter is words.
/// </summary>
public static class SearchQueryParser
{
    /// <summary>More are not ranked by.</summary>
    private const int MostConcepts = 64;
    private const int MostPhrases = 8;

    private static readonly string[] Statuses = ["open", "needs_reply", "waiting", "closed"];

    public static SearchQuery Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var said = new StringBuilder();
        var phrases = new List<string>();
        var filters = SearchFilters.None;
        for (var at = 0; at < text.Length;)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }
            if (TryQuoted(text, at, out var quoted, out var afterQuote))
            {
                if (phrases.Count < MostPhrases && QueryWords.Of(quoted).Count > 0)
                    phrases.Add(quoted);
                said.Append(quoted).Append(' ');
                at = afterQuote;
                continue;
            }
            var end = at;
            while (end < text.Length && !char.IsWhiteSpace(text[end]) && !IsQuote(text[end]))
                end++;
            var word = text[at..end];
            if (TryFilter(text, at, end, out var narrowed, out var afterFilter))
            {
                filters = filters.And(narrowed);
                at = afterFilter;
                continue;
            }
            // A quotation mark that has no partner is left out.
            at = Math.Max(end, at + 1);
            said.Append(word).Append(' ');
        }
        var asked = said.ToString().Trim();
        var concepts = QueryWords.Of(asked);
        if (concepts.Any(static concept => !concept.IsStopWord))
            concepts = [.. concepts.Where(static concept => !concept.IsStopWord)];
        return new SearchQuery
        {
            Text = asked,
            Concepts = [.. concepts.Take(MostConcepts)],
            Phrases = phrases,
            Filters = filters,
        };
    }

    private static bool IsQuote(char c) => c is '"' or '\u201C' or '\u201D' or '\u201E';

    private static bool TryQuoted(string text, int at, out string quoted, out int after)
    {
        (quoted, after) = ("", at);
        if (!IsQuote(text[at]))
            return false;
        var end = text.AsSpan(at + 1).IndexOfAny("\"\u201C\u201D\u201E");
        if (end < 0)
            return false;
        quoted = text.Substring(at + 1, end).Trim();
        after = at + end + 2;
        return true;
    }

    private static bool TryFilter(string text, int at, int end, out SearchFilters filters, out int after)
    {
        (filters, after) = (SearchFilters.None, end);
        var colon = text.AsSpan(at, end - at).IndexOf(':');
        if (colon <= 0)
            return false;
        var name = text.Substring(at, colon).ToLowerInvariant();
        var value = text[(at + colon + 1)..end];
        if (value.Length == 0 && end < text.Length && TryQuoted(text, end, out var quoted, out var afterQuote))
            (value, after) = (quoted, afterQuote);
        if (string.IsNullOrWhiteSpace(value))
            return false;
        var read = name switch
        {
            "from" when HasWords(value) => new SearchFilters(From: value),
            "to" when HasWords(value) => new SearchFilters(To: value),
            "subject" when HasWords(value) => new SearchFilters(Subject: value),
            "before" when TryDate(value, out var before) => new SearchFilters(Before: before),
            "after" when TryDate(value, out var date) => new SearchFilters(After: date),
            "status" when Array.IndexOf(Statuses, value.ToLowerInvariant()) is >= 0 and var status => new SearchFilters(Status: Statuses[status]),
            "tag" => new SearchFilters(Tag: value),
            "has" when value.ToLowerInvariant() is "attachment" or "attachments" => new SearchFilters(HasAttachment: true),
            _ => null,
        };
        filters = read ?? filters;
        return read is not null;
    }

    private static bool HasWords(string value) => QueryWords.Of(value).Count > 0;

    private static bool TryDate(string value, out long at)
    {
        string[] forms = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFK", "yyyy-MM-dd'T'HH:mmK"];
        var known = DateTimeOffset.TryParseExact(
            value, forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var date);
        at = known ? date.ToUnixTimeMilliseconds() : 0;
        return known;
    }
}
