namespace Commune.Ai.Search;

/// <summary>Collects what a text asks for.</summary>
internal sealed class QueryWords : IWordSink
{
    private readonly List<SearchConcept> concepts = [];
    private readonly List<string> parts = [];
    private string? whole;
    private int wholeEnd;
    private string? single;
    private int denseEnd = -1;

    public static IReadOnlyList<SearchConcept> Of(ReadOnlySpan<char> text)
    {
        var words = new QueryWords();
        SearchWords.Read(text, ref words);
        words.CloseWhole();
        words.CloseSingle();
        return [.. words.concepts.DistinctBy(static concept => concept.Term, StringComparer.Ordinal)];
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
                (whole, wholeEnd) = (term.ToString(), start + length);
                break;
            case WordKind.Word when whole is not null:
                parts.Add(term.ToString());
                break;
            case WordKind.Word:
                Add(term.ToString(), []);
                break;
        }
    }

    /// <summary>A letter that has no neighbour is asked for by itself.</summary>
    private void TakeDense(ReadOnlySpan<char> term, int start, int length, WordKind kind)
    {
        if (kind == WordKind.Pair)
        {
            Add(term.ToString(), []);
            return;
        }
        if (start == denseEnd)
            single = null;
        else
        {
            CloseSingle();
            single = term.ToString();
        }
        denseEnd = start + length;
    }

    private void CloseSingle()
    {
        if (single is { } alone)
            Add(alone, []);
        single = null;
    }

    private void CloseWhole()
    {
        if (whole is { } term)
            Add(term, [.. parts.Distinct(StringComparer.Ordinal)]);
        whole = null;
        wholeEnd = 0;
        parts.Clear();
    }

    private void Add(string term, IReadOnlyList<string> itsParts) =>
        concepts.Add(new SearchConcept(term, itsParts) { IsStopWord = itsParts.Count == 0 && StopWords.Contains(term) });
}
