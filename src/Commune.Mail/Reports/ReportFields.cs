using Commune.Mail.Mime;

namespace Commune.Mail.Reports;

/// <summary>Lines of <c>Name: value</c> as machine-readable report parts hold them (RFC 3464 §2.1.1, RFC 5965 §3), unfolded.</summary>
internal static class ReportFields
{
    // More than any mailer writes about one message; a report beyond it is read that far.
    private const int MostFields = 20_000;
    private const int LongestValue = 4000;

    /// <summary>A null <see cref="Name"/> is a blank line: it parts the groups of fields.</summary>
    public readonly record struct Line(string? Name, string Value);

    public static List<Line> Read(string text)
    {
        var lines = new List<Line>();
        System.Text.StringBuilder? value = null;
        string? name = null;
        foreach (var range in text.AsSpan().Split('\n'))
        {
            if (lines.Count >= MostFields)
                break;
            var line = text.AsSpan(range);
            if (line.IsWhiteSpace())
            {
                Flush();
                lines.Add(default);
                continue;
            }
            // A line that cannot begin a field goes on with the one before: some mailers fold without the white space.
            if (line[0] is ' ' or '\t' || NameLength(line) == 0)
            {
                if (value is not null && value.Length < LongestValue)
                    value.Append(' ').Append(line.Trim());
                continue;
            }
            Flush();
            var colon = line.IndexOf(':');
            name = line[..colon].Trim().ToString();
            value = new System.Text.StringBuilder().Append(line[(colon + 1)..].Trim());
        }
        Flush();
        return lines;

        void Flush()
        {
            if (name is null || value is null)
                return;
            var whole = value.Length > LongestValue ? value.ToString(0, LongestValue) : value.ToString();
            lines.Add(new Line(name, Charsets.Clean(HeaderText.Tidy(EncodedWords.Decode(whole))).Trim()));
            name = null;
            value = null;
        }
    }

    private static int NameLength(ReadOnlySpan<char> line)
    {
        var colon = line.IndexOf(':');
        if (colon <= 0)
            return 0;
        var name = line[..colon].TrimEnd(" \t");
        return name.Length > 76 || name.ContainsAnyExceptInRange((char)33, (char)126) || line[(colon + 1)..].StartsWith("//") ? 0 : name.Length;
    }
}

/// <summary>Fields that belong together: those of the message, or those of one recipient.</summary>
internal sealed class FieldGroup
{
    private readonly List<(string Name, string Value)> _fields = [];

    public void Add(string name, string value) => _fields.Add((name, value));

    public bool Has(string name) => Get(name) is not null;

    /// <summary>The first value of that name, in any case; null without one or when it is empty.</summary>
    public string? Get(string name)
    {
        foreach (var field in _fields)
        {
            if (field.Name.Equals(name, StringComparison.OrdinalIgnoreCase) && field.Value.Length > 0)
                return field.Value;
        }
        return null;
    }

    public List<string> GetAll(string name) =>
        [.. _fields.Where(f => f.Value.Length > 0 && f.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(f => f.Value)];

    public DateTimeOffset? Date(string name) => Get(name) is { } text && DateParser.TryParse(text, out var date) ? date : null;
}
