namespace Commune.Ai.AttachmentText;

/// <summary>Tables as text (RFC 4180, and what programs write instead): a record is a line, its fields are separated by tabs, quotes are gone.</summary>
internal static class CsvText
{
    private const int LookedAt = 4096;

    public static void Read(string csv, CollectedText text)
    {
        var separator = SeparatorOf(csv.AsSpan(0, Math.Min(csv.Length, LookedAt)));
        var quoted = false;
        var atStart = true;
        for (var i = 0; i < csv.Length && !text.IsFull; i++)
        {
            var c = csv[i];
            if (c == '"' && quoted && i + 1 < csv.Length && csv[i + 1] == '"')
                i++;
            else if (c == '"' && (quoted || atStart))
            {
                quoted = !quoted;
                atStart = false;
                continue;
            }
            else if (!quoted && (c == separator || c == '\n'))
            {
                text.Append(c == '\n' ? "\n" : "\t");
                atStart = true;
                continue;
            }
            atStart = false;
            // A line end inside a field does not end the record.
            text.Append(quoted && c == '\n' ? " " : new ReadOnlySpan<char>(in c));
        }
    }

    private static char SeparatorOf(ReadOnlySpan<char> sample)
    {
        var best = ',';
        foreach (var candidate in ";\t|")
        {
            if (sample.Count(candidate) > sample.Count(best))
                best = candidate;
        }
        return best;
    }
}
