using Commune.Ai.Embeddings;
using Commune.Ai.Languages;

namespace Commune.Ai.Search;

/// <summary>Collects what a text asks for.</summary>
internal sealed class QueryWords : IWordSink
{
    private readonly List<(SearchConcept Concept, int Start, int Length)> concepts = [];
    private readonly List<string> parts = [];
    private string? whole;
    private int wholeStart;
    private int wholeEnd;
    private (string Letter, int Start, int Length)? single;
    private int denseEnd = -1;

    public static IReadOnlyList<SearchConcept> Of(ReadOnlySpan<char> text)
    {
        var words = new QueryWords();
        SearchWords.Read(text, ref words);
        words.CloseWhole();
        words.CloseSingle();
        var guess = BuiltInEmbedding.Shared.LanguageOf(text);
        var asked = new List<SearchConcept>();
        foreach (var (concept, start, length) in words.concepts)
            asked.Add(InLanguage(concept, text.Slice(start, length), guess));
        DenseHints.AddTo(asked);
        return [.. asked.DistinctBy(static concept => concept.Term, StringComparer.Ordinal)];
    }

    public void Take(ReadOnlySpan<char> term, int start, int length, WordKind kind)
    {
        if (start >= wholeEnd)
            CloseWhole();
        if (kind is WordKind.Single or WordKind.Pair)
            TakeDense(term, start, length, kind);
        else
            CloseSingle();

        switch (kind)
        {
            case WordKind.Whole when whole is null:
                (whole, wholeStart, wholeEnd) = (term.ToString(), start, start + length);
                break;
            case WordKind.Word when whole is not null:
                parts.Add(term.ToString());
                break;
            case WordKind.Word:
                Add(term.ToString(), [], start, length);
                break;
        }
    }

    private static SearchConcept InLanguage(SearchConcept concept, ReadOnlySpan<char> written, LanguageGuess guess)
    {
        if (concept.Parts.Count > 0 || concept.IsExact)
            return concept;
        if (StopWords.Contains(concept.Term, guess.Language))
            return concept with { IsStopWord = true };
        if (guess.IsEnglish || (guess.Language is null && BuiltInEmbedding.Shared.Knows(concept.Term)))
            return concept;
        return concept with { Family = WordFamily.Of(SpellingsOf(concept.Term, written), guess.Language) };
    }

    /// <summary>"München" is written "Muenchen" where there are no such letters, and looked for in either way.</summary>
    private static List<string> SpellingsOf(string term, ReadOnlySpan<char> written)
    {
        var spellings = new List<string> { term };
        if (written.IndexOfAny("äöüÄÖÜ") >= 0)
        {
            var spelled = written.ToString().Replace("ä", "ae", StringComparison.OrdinalIgnoreCase).Replace("ö", "oe", StringComparison.OrdinalIgnoreCase)
                .Replace("ü", "ue", StringComparison.OrdinalIgnoreCase);
            var words = new QueryWords();
            SearchWords.Read(spelled, ref words);
            spellings.AddRange(words.concepts.Select(static one => one.Concept.Term));
        }
        else if (term.Contains("ae", StringComparison.Ordinal) || term.Contains("oe", StringComparison.Ordinal) || term.Contains("ue", StringComparison.Ordinal))
            spellings.Add(term.Replace("ae", "a", StringComparison.Ordinal).Replace("oe", "o", StringComparison.Ordinal).Replace("ue", "u", StringComparison.Ordinal));
        return spellings;
    }

    /// <summary>A letter that has no neighbour is asked for by itself.</summary>
    private void TakeDense(ReadOnlySpan<char> term, int start, int length, WordKind kind)
    {
        if (kind == WordKind.Pair)
        {
            Add(term.ToString(), [], start, length);
            return;
        }
        if (start == denseEnd)
            single = null;
        else
        {
            CloseSingle();
            single = (term.ToString(), start, length);
        }
        denseEnd = start + length;
    }

    private void CloseSingle()
    {
        if (single is { } alone)
            Add(alone.Letter, [], alone.Start, alone.Length);
        single = null;
    }

    private void CloseWhole()
    {
        if (whole is { } term)
            Add(term, [.. parts.Distinct(StringComparer.Ordinal)], wholeStart, wholeEnd - wholeStart);
        whole = null;
        wholeEnd = 0;
        parts.Clear();
    }

    private void Add(string term, IReadOnlyList<string> itsParts, int start, int length) =>
        concepts.Add((new SearchConcept(term, itsParts), start, length));
}
