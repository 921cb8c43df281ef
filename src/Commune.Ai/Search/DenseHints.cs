namespace Commune.Ai.Search;

/// <summary>
/// What pairs of letters are worth in a query of a script without spaces. A pair may be a word, the seam between two, or a bit of grammar; and
/// two words of like meaning often share one letter.
/// </summary>
internal static class DenseHints
{
    private const double OfSeam = .4;
    private const double OfGrammar = .15;
    private const double OfLetter = .3;

    // Chinese letters that mostly stand for how words belong together.
    private const string Grammar = "的了吗呢吧啊我你您他她它们是在有和与就也都还很不没要会能可以请什么怎样这那哪个为到从给把被让对跟着过得地说想";

    /// <summary>Weighs the pairs, and adds the letters that carry a meaning by themselves.</summary>
    public static void AddTo(List<SearchConcept> concepts)
    {
        var pairs = concepts.Count(static concept => IsPair(concept.Term));
        if (pairs < 2)
            return;
        var letters = new List<SearchConcept>();
        for (var i = 0; i < concepts.Count; i++)
        {
            var term = concepts[i].Term;
            if (!IsPair(term))
                continue;
            var grammar = (IsGrammar(term[0]) ? 1 : 0) + (IsGrammar(term[1]) ? 1 : 0);
            concepts[i] = concepts[i] with { Weight = grammar switch { 0 => 1, 1 => OfSeam, _ => OfGrammar }, IsHint = grammar == 2 };
            foreach (var letter in term)
            {
                if (IsHan(letter) && !IsGrammar(letter))
                    letters.Add(new SearchConcept(letter.ToString(), []) { Weight = OfLetter, IsHint = true });
            }
        }
        // A query of grammar alone asks for it.
        if (!concepts.Exists(static concept => concept.Weight == 1))
        {
            for (var i = 0; i < concepts.Count; i++)
                concepts[i] = concepts[i] with { Weight = 1, IsHint = false };
        }
        concepts.AddRange(letters);
    }

    private static bool IsPair(string term) => term.Length == 2 && Letters.Read(term[0]) == LetterKind.Dense;

    private static bool IsGrammar(char letter) => letter is >= '\u3041' and <= '\u3096' || Grammar.Contains(letter, StringComparison.Ordinal);

    private static bool IsHan(char letter) => letter is >= '\u3400' and < '\uA000';
}
