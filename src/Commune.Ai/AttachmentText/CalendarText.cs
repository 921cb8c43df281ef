namespace Commune.Ai.AttachmentText;

/// <summary>What a person would want to know of a calendar file (RFC 5545): events and tasks, without time zones, alarms and identifiers.</summary>
internal static class CalendarText
{
    private static readonly HashSet<string> Told = new(StringComparer.OrdinalIgnoreCase)
    {
        "SUMMARY", "DESCRIPTION", "LOCATION", "ORGANIZER", "ATTENDEE", "COMMENT", "CATEGORIES", "DTSTART", "DTEND", "DUE", "URL", "CONTACT", "STATUS",
    };

    private static readonly HashSet<string> Skipped = new(StringComparer.OrdinalIgnoreCase) { "VTIMEZONE", "VALARM" };

    public static void Read(string calendar, CollectedText text)
    {
        var skipping = 0;
        // §3.1: a line that begins with a blank goes on with the one before.
        var unfolded = calendar.Replace("\n ", "", StringComparison.Ordinal).Replace("\n\t", "", StringComparison.Ordinal);
        foreach (var line in unfolded.AsSpan().EnumerateLines())
        {
            if (text.IsFull)
                return;
            var colon = ValueAt(line);
            if (colon < 0)
                continue;
            var name = line[..line.IndexOfAny(';', ':')].ToString();
            var value = line[(colon + 1)..];
            if (name.Equals("BEGIN", StringComparison.OrdinalIgnoreCase) && Skipped.Contains(value.Trim().ToString()))
                skipping++;
            else if (name.Equals("END", StringComparison.OrdinalIgnoreCase) && Skipped.Contains(value.Trim().ToString()))
                skipping = Math.Max(0, skipping - 1);
            else if (name.Equals("END", StringComparison.OrdinalIgnoreCase))
                text.EndParagraph();
            else if (skipping == 0 && Told.Contains(name))
                Tell(name, line[..colon], value, text);
        }
    }

    private static void Tell(string name, ReadOnlySpan<char> nameAndParameters, ReadOnlySpan<char> value, CollectedText text)
    {
        text.Append(char.ToUpperInvariant(name[0]) + name[1..].ToLowerInvariant() + ": ");
        if (CommonName(nameAndParameters) is { Length: > 0 } person)
        {
            text.Append(person);
            text.Append(" ");
        }
        if (name.StartsWith("DT", StringComparison.OrdinalIgnoreCase) || name.Equals("DUE", StringComparison.OrdinalIgnoreCase))
            text.Append(Readable(value));
        else
            Unescape(value.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase) ? value[7..] : value, text);
        text.EndLine();
    }

    /// <summary>Where the colon is that is not inside a quoted parameter; -1 without one.</summary>
    private static int ValueAt(ReadOnlySpan<char> line)
    {
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '"')
                quoted = !quoted;
            else if (line[i] == ':' && !quoted)
                return i;
        }
        return -1;
    }

    private static string CommonName(ReadOnlySpan<char> parameters)
    {
        var at = parameters.IndexOf(";CN=", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return "";
        var name = parameters[(at + 4)..];
        if (name.StartsWith("\""))
        {
            name = name[1..];
            var quote = name.IndexOf('"');
            return (quote < 0 ? name : name[..quote]).ToString();
        }
        var end = name.IndexOf(';');
        return (end < 0 ? name : name[..end]).ToString();
    }

    // §3.3.5: 20261204T081500Z
    private static string Readable(ReadOnlySpan<char> time)
    {
        time = time.Trim();
        if (time.Length < 8 || time[..8].ContainsAnyExceptInRange('0', '9'))
            return time.ToString();
        var date = $"{time[..4]}-{time[4..6]}-{time[6..8]}";
        if (time.Length < 13 || time[8] is not ('T' or 't') || time[9..13].ContainsAnyExceptInRange('0', '9'))
            return date;
        return $"{date} {time[9..11]}:{time[11..13]}{(time.EndsWith("Z", StringComparison.OrdinalIgnoreCase) ? " UTC" : "")}";
    }

    // §3.3.11
    private static void Unescape(ReadOnlySpan<char> value, CollectedText text)
    {
        for (var i = 0; i < value.Length && !text.IsFull; i++)
        {
            if (value[i] == '\\' && i + 1 < value.Length)
                text.Append(value[++i] is 'n' or 'N' ? '\n' : value[i]);
            else
                text.Append(value[i]);
        }
    }
}
