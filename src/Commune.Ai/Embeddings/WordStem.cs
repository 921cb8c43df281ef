namespace Commune.Ai.Embeddings;

/// <summary>A word on its way to its stem, in the caller's own memory. The steps are those of the paper, in its order.</summary>
internal ref struct WordStem(Span<char> word)
{
    private readonly Span<char> _letters = word;

    public int Length { get; private set; } = word.Length;

    private readonly ReadOnlySpan<char> Word => _letters[..Length];

    /// <summary>Step 1a: caresses, ponies, cats.</summary>
    public void CutPlural()
    {
        if (Word[^1] != 's')
            return;
        if (Word.EndsWith("sses") || Word.EndsWith("ies"))
            Length -= 2;
        else if (Word[^2] != 's')
            Length--;
    }

    /// <summary>Step 1b: agreed, plastered, motoring.</summary>
    public void CutPastAndGerund()
    {
        if (Word.EndsWith("eed"))
        {
            if (Measure(Word[..^3]) > 0)
                Length--;
            return;
        }
        var suffix = Word.EndsWith("ed") ? 2 : Word.EndsWith("ing") ? 3 : 0;
        if (suffix == 0 || !HasVowel(Word[..^suffix]))
            return;
        Length -= suffix;
        if (Word.EndsWith("at") || Word.EndsWith("bl") || Word.EndsWith("iz"))
            AddE();
        else if (EndsDouble(Word) && Word[^1] is not ('l' or 's' or 'z'))
            Length--;
        else if (Measure(Word) == 1 && EndsShort(Word))
            AddE();
    }

    /// <summary>Step 1c: happy, but not sky.</summary>
    public readonly void SoftenFinalY()
    {
        if (Word[^1] == 'y' && HasVowel(Word[..^1]))
            _letters[Length - 1] = 'i';
    }

    /// <summary>Steps 2 and 3: the first suffix that fits is exchanged, if anything of a word stands before it.</summary>
    public void Apply(SuffixRule[][] rules)
    {
        if (!Finds(rules, out var rule) || Measure(Word[..^rule.Suffix.Length]) == 0)
            return;
        Length -= rule.Suffix.Length;
        rule.Replacement.CopyTo(_letters[Length..]);
        Length += rule.Replacement.Length;
    }

    /// <summary>Step 4: the first suffix that fits is cut, if more than a syllable stands before it.</summary>
    public void Cut(SuffixRule[][] rules)
    {
        if (!Finds(rules, out var rule))
            return;
        var stem = Word[..^rule.Suffix.Length];
        if (Measure(stem) > 1 && (rule.Suffix != "ion" || stem[^1] is 's' or 't'))
            Length = stem.Length;
    }

    /// <summary>Step 5a: probate, rate, cease.</summary>
    public void CutFinalE()
    {
        if (Word[^1] != 'e')
            return;
        var stem = Word[..^1];
        var measure = Measure(stem);
        if (measure > 1 || (measure == 1 && !EndsShort(stem)))
            Length--;
    }

    /// <summary>Step 5b: controll, but not roll.</summary>
    public void CutDoubleL()
    {
        if (Word.EndsWith("ll") && Measure(Word) > 1)
            Length--;
    }

    // It stands where "ed" or "ing" was: there is room.
    private void AddE() => _letters[Length++] = 'e';

    private readonly bool Finds(SuffixRule[][] rules, out SuffixRule found)
    {
        var letter = Length < 2 ? -1 : Word[^2] - 'a';
        if (letter is >= 0 and < 26)
        {
            foreach (var rule in rules[letter])
            {
                if (Word.EndsWith(rule.Suffix))
                {
                    found = rule;
                    return true;
                }
            }
        }
        found = default;
        return false;
    }

    /// <summary>The m of the paper: how often a run of vowels is followed by a run of consonants.</summary>
    private static int Measure(ReadOnlySpan<char> stem)
    {
        var measure = 0;
        var vowelBefore = false;
        var consonant = false;
        for (var i = 0; i < stem.Length; i++)
        {
            consonant = IsConsonant(stem[i], first: i == 0, afterConsonant: consonant);
            if (consonant && vowelBefore)
                measure++;
            vowelBefore = !consonant;
        }
        return measure;
    }

    private static bool HasVowel(ReadOnlySpan<char> stem)
    {
        var consonant = false;
        for (var i = 0; i < stem.Length; i++)
        {
            consonant = IsConsonant(stem[i], first: i == 0, afterConsonant: consonant);
            if (!consonant)
                return true;
        }
        return false;
    }

    private static bool EndsDouble(ReadOnlySpan<char> word) =>
        word.Length >= 2 && word[^1] == word[^2] && IsConsonantAt(word, word.Length - 1);

    /// <summary>The *o of the paper: consonant, vowel, consonant, and the last is none of w, x, y.</summary>
    private static bool EndsShort(ReadOnlySpan<char> word)
    {
        var end = word.Length - 1;
        return end >= 2 && word[end] is not ('w' or 'x' or 'y')
            && IsConsonantAt(word, end) && !IsConsonantAt(word, end - 1) && IsConsonantAt(word, end - 2);
    }

    // y is a consonant at the start and after a vowel: toy, but not syzygy. In a run of y they alternate.
    private static bool IsConsonantAt(ReadOnlySpan<char> word, int at)
    {
        var run = at;
        while (run > 0 && word[run] == 'y')
            run--;
        var consonant = IsConsonant(word[run], first: run == 0, afterConsonant: false);
        return ((at - run) & 1) == 0 ? consonant : !consonant;
    }

    private static bool IsConsonant(char letter, bool first, bool afterConsonant) => letter switch
    {
        'a' or 'e' or 'i' or 'o' or 'u' => false,
        'y' => first || !afterConsonant,
        _ => true,
    };
}
