using System.Security.Cryptography;

namespace Commune.Ai.Screening;

/// <summary>People read the HTML, and models the plain text: a sender who writes something else into each counts on that.</summary>
internal static class OtherAlternative
{
    private const int LeastWords = 20;
    private const int MostWords = 2000;
    private const int LongestCompared = 20_000;
    private const int ShortestWord = 4;
    private const int LongestWord = 40;
    private const ulong OfOthers = 1UL << 63;

    [ThreadStatic]
    private static WordSet? spare;

    public static void Find(string text, string html, SignalList signals)
    {
        var words = spare ?? new WordSet();
        spare = null;
        words.Clear();
        var plain = new WordReader(text);
        var shown = new WordReader(html);
        while (words.Count < MostWords && plain.Next())
            words.Add(plain, plain, plain, int.MaxValue, out _);
        var (all, others, common) = (words.Count, 0, 0);
        // A quarter is enough, and most have it within a few sentences.
        while (all >= LeastWords && common * 4 < all && common + others < MostWords && shown.Next())
        {
            var number = words.Add(shown, plain, shown, all, out var isNew);
            if (isNew)
                others++;
            else if (number < all && words.See(number))
                common++;
        }
        if (all >= LeastWords && common * 4 < all)
            signals.Add("other_alternative", 0.08, "text", $"{common} of {all} words of the plain text are in the HTML");
        spare = words;
    }

    /// <summary>Reads the words that are compared, in any case alike.</summary>
    private ref struct WordReader(string text)
    {
        private int _at;

        public ReadOnlySpan<char> Text { get; } = text.AsSpan(0, Math.Min(text.Length, LongestCompared));

        public int Start { readonly get; private set; }

        public readonly int Length => _at - Start;

        public readonly ReadOnlySpan<char> Word => Text[Start.._at];

        /// <summary>The letters of a word of at most twelve of ASCII; of others a hash, with <see cref="OfOthers"/>.</summary>
        public ulong Key { readonly get; private set; }

        public bool Next()
        {
            while (_at < Text.Length)
            {
                Start = _at;
                var (key, isPlain) = (0UL, true);
                for (; _at < Text.Length; _at++)
                {
                    var letter = (uint)((Text[_at] | ' ') - 'a');
                    if (letter <= 'z' - 'a')
                        key = (key << 5) | (letter + 1);
                    else if (Text[_at] < '\x80' || !char.IsLetter(Text[_at]))
                        break;
                    else
                        isPlain = false;
                }
                if (Length is >= ShortestWord and <= LongestWord)
                {
#pragma warning disable MA0021 // It says how it compares.
                    Key = isPlain && Length <= 12 ? key : OfOthers | (uint)string.GetHashCode(Word, StringComparison.OrdinalIgnoreCase);
#pragma warning restore MA0021
                    return true;
                }
                _at += Length == 0 ? 1 : 0;
            }
            return false;
        }
    }

    private sealed class WordSet
    {
        private const int Bits = 13;

        // The process's own: nobody can mail us words that all fall into one slot.
        private static readonly ulong Spread = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) | 1;

        private readonly ushort[] _slots = new ushort[1 << Bits];
        private readonly Word[] _words = new Word[2 * MostWords];

        private record struct Word(ulong Key, int Start, int Length, bool IsSeen);

        public int Count { get; private set; }

        public void Clear()
        {
            _slots.AsSpan().Clear();
            Count = 0;
        }

        /// <summary>Adds the word that a reader is at unless it is there.</summary>
        /// <param name="plain">What the words before number <paramref name="plainCount"/> stand in; the others stand in <paramref name="shown"/>.</param>
        /// <returns>Its number.</returns>
        public int Add(in WordReader word, in WordReader plain, in WordReader shown, int plainCount, out bool isNew)
        {
            var slot = (int)(word.Key * Spread >> (64 - Bits));
            for (; _slots[slot] is > 0 and var known; slot = (slot + 1) & (_slots.Length - 1))
            {
                ref readonly var other = ref _words[known - 1];
                if (other.Key != word.Key)
                    continue;
                if (word.Key < OfOthers || word.Word.Equals((known <= plainCount ? plain : shown).Text.Slice(other.Start, other.Length), StringComparison.OrdinalIgnoreCase))
                {
                    isNew = false;
                    return known - 1;
                }
            }
            _words[Count] = new Word(word.Key, word.Start, word.Length, false);
            _slots[slot] = (ushort)++Count;
            isNew = true;
            return Count - 1;
        }

        /// <returns>False when it was seen before.</returns>
        public bool See(int number)
        {
            var isFirst = !_words[number].IsSeen;
            _words[number].IsSeen = true;
            return isFirst;
        }
    }
}
