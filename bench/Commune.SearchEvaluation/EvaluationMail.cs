namespace Commune.SearchEvaluation;

/// <summary>A mail to be found.</summary>
/// <param name="From">Name and address, as in a header.</param>
public sealed record EvaluationMail(string Id, string From, string Subject, string Body)
{
    /// <summary>All of it that can be searched.</summary>
    public string Text => $"{Subject}\n{From}\n\n{Body}";

    /// <exception cref="FormatException">It lacks a field.</exception>
    internal static EvaluationMail Parse(string source)
    {
        var parts = source.Split("\n\n", 2);
        var fields = parts[0].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split(": ", 2))
            .ToDictionary(static field => field[0], static field => field[1], StringComparer.Ordinal);
        return parts.Length == 2 && fields.Count == 3
            ? new EvaluationMail(fields["id"], fields["from"], fields["subject"], parts[1].Trim())
            : throw new FormatException($"A mail is id, from, subject, an empty line and a body; this is none: {source}");
    }
}
