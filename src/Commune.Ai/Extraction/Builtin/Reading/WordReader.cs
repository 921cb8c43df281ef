using Commune.Ai.Extraction.Builtin.Words;

namespace Commune.Ai.Extraction.Builtin.Reading;

/// <summary>Takes text apart into words.</summary>
internal static class WordReader
{
    private const int LongestWord = 100;

    /// <summary>The words of a part of the text, phrases joined.</summary>
    public static void Read(string text, int start, int end, int line, List<Word> words)
    {
        var first = words.Count;
        ReadPlain(text, start, end, line, words);
        Join(words, first);
    }

    /// <summary>The words of a part of the text, each on its own.</summary>
    public static void ReadPlain(string text, int start, int end, int line, List<Word> words)
    {
        for (var at = start; at < end;)
        {
            if (!IsInWord(text[at]))
            {
                if (text[at] is '#' or '№')
                    words.Add(new Word(at, at + 1, "#", Vocabulary.ConceptsOf("#"), line));
                at++;
                continue;
            }
            var stop = at + 1;
            while (stop < end && (IsInWord(text[stop]) || IsInner(text, stop, end)))
                stop++;
            var folded = Folded.Of(text.AsSpan(at, Math.Min(stop - at, LongestWord)));
            if (folded.Length > 0)
                words.Add(new Word(at, stop, folded, Vocabulary.ConceptsOf(folded), line));
            at = stop;
        }
    }

    /// <summary>The words of a name in a schema: "orderId", "order_id" and "Order ID" read the same.</summary>
    public static List<Word> OfName(string name)
    {
        // "MwSt" is one word.
        var isKnown = name.Split([' ', '.', ':', '_'], StringSplitOptions.RemoveEmptyEntries).Any(part => part.Length < 40 && Vocabulary.Knows(Folded.Of(part)));
        var spaced = new System.Text.StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length && i < 200; i++)
        {
            var c = name[i];
            var begins = !isKnown && i > 0 && char.IsUpper(c) && (char.IsLower(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1]) && char.IsUpper(name[i - 1])));
            if (begins)
                spaced.Append(' ');
            spaced.Append(c is '_' or '-' or '.' or '/' ? ' ' : c);
        }
        var words = new List<Word>();
        var text = spaced.ToString();
        Read(text, 0, text.Length, 0, words);
        return words;
    }

    private static bool IsInWord(char c) => char.IsLetterOrDigit(c) || c is 'º' or '°' || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.NonSpacingMark;

    // The apostrophe of "don't".
    private static bool IsInner(string text, int at, int end) =>
        text[at] is '\'' or '’' && at + 1 < end && char.IsLetter(text[at - 1]) && char.IsLetter(text[at + 1]);

    private static void Join(List<Word> words, int first)
    {
        var kept = first;
        for (var i = first; i < words.Count;)
        {
            var at = i;
            var length = Vocabulary.PhraseAt(words[i].Folded, offset => at + offset < words.Count ? words[at + offset].Folded : null, out var concepts);
            words[kept++] = length == 0
                ? words[i]
                : words[i] with { End = words[i + length - 1].End, Concepts = concepts, Folded = string.Join(' ', words.Skip(i).Take(length).Select(word => word.Folded)) };
            i += Math.Max(1, length);
        }
        words.RemoveRange(kept, words.Count - kept);
    }
}
