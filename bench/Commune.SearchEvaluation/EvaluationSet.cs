using System.Reflection;

namespace Commune.SearchEvaluation;

/// <summary>The mails and the queries (README.md beside this file).</summary>
public sealed record EvaluationSet(IReadOnlyList<EvaluationMail> Mails, IReadOnlyList<EvaluationQuery> Queries)
{
    /// <summary>The set that stands in this program.</summary>
    /// <exception cref="FormatException">A file is not as it should be, or a query names a mail that is not there.</exception>
    public static EvaluationSet Load()
    {
        var mails = Files("Mails/").SelectMany(static file => file.Text.Split("\n%%\n")).Select(EvaluationMail.Parse).ToList();
        var queries = Files("Queries/")
            .SelectMany(static file => file.Text.Split('\n').Where(static line => line.Length > 0 && line[0] != '#').Select(line => EvaluationQuery.Parse(file.Name, line)))
            .ToList();
        var ids = mails.Select(static mail => mail.Id).ToHashSet(StringComparer.Ordinal);
        if (ids.Count != mails.Count)
            throw new FormatException("Two mails have one id.");
        foreach (var query in queries)
        {
            if (query.Grades.Keys.FirstOrDefault(id => !ids.Contains(id)) is { } unknown)
                throw new FormatException($"The query \"{query.Text}\" names {unknown}, which is no mail.");
        }
        return new EvaluationSet(mails, queries);
    }

    private static IEnumerable<(string Name, string Text)> Files(string folder)
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return (name[folder.Length..], reader.ReadToEnd().ReplaceLineEndings("\n").Trim());
        }
    }
}
