namespace Commune.Mail.Threading;

/// <summary>Message identifiers, RFC 5322 §3.6.4, as they stand in Message-ID, In-Reply-To and References.</summary>
public static class MessageIds
{
    private const int MostIds = 500;
    private const int LongestId = 998;

    /// <summary>
    /// Every <c>&lt;id&gt;</c> in order, each once, at most 500 (of more, the newest are kept: they stand last).
    /// Commas, missing spaces, folds and text around them do not matter.
    /// </summary>
    public static IReadOnlyList<string> Parse(string? headerValue)
    {
        if (string.IsNullOrEmpty(headerValue))
            return [];
        var ids = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var rest = headerValue.AsSpan();
        while (true)
        {
            var open = rest.IndexOf('<');
            if (open < 0)
                break;
            rest = rest[(open + 1)..];
            var end = rest.IndexOfAny('<', '>');
            if (end < 0)
                break;
            // A second "<" starts anew: the first one was never closed.
            if (rest[end] == '>')
            {
                if (Tidy(rest[..end]) is { } id && seen.Add(id))
                    ids.Add(id);
                rest = rest[(end + 1)..];
            }
            else
            {
                rest = rest[end..];
            }
        }
        return ids.Count <= MostIds ? ids : ids.GetRange(ids.Count - MostIds, MostIds);
    }

    /// <summary>The first identifier with its brackets; one written without brackets gets them. Null when there is none.</summary>
    public static string? ParseOne(string? headerValue)
    {
        if (string.IsNullOrWhiteSpace(headerValue))
            return null;
        var text = headerValue.AsSpan();
        var open = text.IndexOf('<');
        if (open >= 0)
        {
            text = text[(open + 1)..];
            var close = text.IndexOf('>');
            if (close >= 0)
                text = text[..close];
        }
        return Tidy(text.Trim());
    }

    private static string? Tidy(ReadOnlySpan<char> id)
    {
        if (id.ContainsAny(" \t\r\n\0"))
        {
            // A fold inside an identifier is an accident of transport.
            Span<char> whole = id.Length <= LongestId ? stackalloc char[id.Length] : [];
            var length = 0;
            foreach (var c in id)
            {
                if (length < whole.Length && !char.IsWhiteSpace(c) && c != '\0')
                    whole[length++] = c;
            }
            return length == 0 ? null : $"<{whole[..length]}>";
        }
        return id.IsEmpty || id.Length > LongestId ? null : $"<{id}>";
    }
}
