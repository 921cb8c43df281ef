using Commune.Ai.Search;

namespace Commune.Server.Search;

/// <summary>A filter that is answered by the index itself: every one of its words must stand in a field.</summary>
/// <param name="Whole">The word as a whole, with the mark of its field.</param>
/// <param name="Parts">Its parts, when no message has the whole.</param>
internal sealed record FieldWord(string Whole, IReadOnlyList<string> Parts);

/// <param name="Kinship">What it is worth of the word that is asked for.</param>
internal readonly record struct WordForm(string Term, double Kinship);

/// <summary>The terms that a query reads from the index, and what for.</summary>
internal sealed class QueryTerms
{
    private readonly HashSet<string> needed = new(StringComparer.Ordinal);

    public QueryTerms(SearchQuery query)
    {
        Query = query;
        Phrases = [.. query.Phrases.Select(static phrase => new Phrase(phrase))];
        Fields =
        [
            .. FieldWords(SearchField.From, query.Filters.From), .. FieldWords(SearchField.To, query.Filters.To),
            .. FieldWords(SearchField.Subject, query.Filters.Subject),
        ];
        IsImpossible = new[] { query.Filters.From, query.Filters.To, query.Filters.Subject }.Any(static text => text is not null && QueryText.ConceptsOf(text).Count == 0);
        needed.UnionWith(Phrases.SelectMany(static phrase => phrase.Terms));
        needed.UnionWith(Fields.SelectMany(static field => field.Parts.Prepend(field.Whole)));
        All = [.. needed.Concat(query.Concepts.SelectMany(static concept => concept.Parts.Prepend(concept.Term))).Distinct(StringComparer.Ordinal)];
    }

    public SearchQuery Query { get; }
    public IReadOnlyList<Phrase> Phrases { get; }
    public IReadOnlyList<FieldWord> Fields { get; }
    public IReadOnlyList<string> All { get; private set; }

    /// <summary>A filter asks for something that no message can have, such as a star: it is not as if it were not there.</summary>
    public bool IsImpossible { get; }

    /// <summary>What may be meant by words that are in no message.</summary>
    public Dictionary<string, List<string>> Near { get; } = new(StringComparer.Ordinal);

    /// <summary>Other forms of words of the query, each with what it is worth of the word itself.</summary>
    public Dictionary<string, IReadOnlyList<WordForm>> Forms { get; } = new(StringComparer.Ordinal);

    public void AddForms(string word, IReadOnlyList<WordForm> forms)
    {
        Forms[word] = forms;
        All = [.. All.Concat(forms.Select(static form => form.Term)).Distinct(StringComparer.Ordinal)];
    }

    public void AddNear(string word, List<string> meant)
    {
        Near[word] = meant;
        All = [.. All.Concat(meant).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>
    /// Leaves out words that stand in more than a fifth of all messages: they cost most and say least. What must be there is read all the
    /// same, and so is the rarest.
    /// </summary>
    public bool[] Choose(IReadOnlyList<string> terms, long[] counts, long documents)
    {
        const long FewMessages = 1000;
        var wanted = new bool[terms.Count];
        for (var i = 0; i < wanted.Length; i++)
            wanted[i] = documents < FewMessages || counts[i] * 5 <= documents || needed.Contains(terms[i]);
        if (!wanted.Where((isWanted, i) => isWanted && counts[i] > 0).Any() && wanted.Length > 0)
            wanted[Array.IndexOf(counts, counts.Where(static count => count > 0).DefaultIfEmpty(counts[0]).Min())] = true;
        return wanted;
    }

    private static IEnumerable<FieldWord> FieldWords(char field, string? text) =>
        text is null ? [] : QueryText.ConceptsOf(text).Select(concept => new FieldWord(field + concept.Term, [.. concept.Parts.Select(part => field + part)]));
}
