using System.Globalization;

namespace Commune.SearchEvaluation;

/// <summary>Something that somebody searches for.</summary>
/// <param name="Kind">The file it stands in.</param>
/// <param name="Grades">The mails that are relevant: 2 answers it, 1 touches it.</param>
public sealed record EvaluationQuery(string Kind, string Text, IReadOnlyDictionary<string, int> Grades)
{
    public const int Answers = 2;

    /// <summary>From <c>words => mail, mail:1</c>.</summary>
    /// <exception cref="FormatException">It is not that.</exception>
    internal static EvaluationQuery Parse(string kind, string line)
    {
        if (line.Split(" => ") is not [var text, var mails])
            throw new FormatException($"A query is \"words => mail, mail:1\"; this is none: {line}");
        var grades = mails.Split(',', StringSplitOptions.TrimEntries).Select(static mail => mail.Split(':'))
            .ToDictionary(static mail => mail[0], static mail => mail.Length == 1 ? Answers : int.Parse(mail[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);
        return new EvaluationQuery(kind, text.Trim(), grades);
    }
}
