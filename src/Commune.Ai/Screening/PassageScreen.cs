using System.Buffers;
using System.Runtime.InteropServices;

namespace Commune.Ai.Screening;

/// <summary>Screens one text of a mail: its sentences, its turns, and what it hides in other forms of writing.</summary>
internal sealed class PassageScreen(SignalList signals)
{
    /// <summary>UTF-16 code units that are read of one text.</summary>
    public const int Longest = 512 * 1024;

    private const int Deepest = 3;
    private const int MostFindings = 12;
    // Sentences do not overlap: all of a text are no more work than its length.
    private const int MostSentences = Longest / 4;
    private const double ForDisguise = 0.2;

    private static readonly SearchValues<string> BackwardsWords = SearchValues.Create(["snoitcur", "tpmorp"], StringComparison.Ordinal);
    private static readonly SearchValues<string> Rot13Words = SearchValues.Create(["vtaber", "vafgehpg", "qvfertneq", "cebzcg"], StringComparison.Ordinal);

    private readonly List<(string Decoded, int At)> _decoded = [];
    private readonly InstructionRules.Finding[] _findings = new InstructionRules.Finding[MostFindings];
    // The sentences of the text itself: in another form of it most are the same.
    private readonly List<JudgedSentence> _judged = [];
    private readonly List<InstructionRules.Finding> _found = [];
    private int _kept;

    /// <summary>Texts in which the matter itself is talked about, such as a newsletter on security.</summary>
    public int Talks { get; private set; }

    /// <summary>Words of mixed scripts, over all texts.</summary>
    public int MixedWords { get; private set; }

    public string? MixedWord { get; private set; }

    /// <param name="place">One of <see cref="InjectionSignal.Place"/>.</param>
    public void Screen(string text, string place) => Screen(text, place, 0);

    private void Screen(string text, string place, int depth)
    {
        if (text.Length < 4)
            return;
        // What is not seen is no way to push an order out of sight.
        if (text.Length > Longest)
            text = InvisibleText.Remove(text, out _);
        using var folded = FoldedText.Of(text, Longest);
        MixedWords += folded.MixedWords;
        MixedWord ??= folded.MixedWord;
        _judged.Clear();
        _found.Clear();
        _kept = 0;
        if (Sentences(folded, place, anywhere: false, depth > 0 ? ForDisguise : 0, null, keeps: true))
            FakeTurns.Find(folded, place, signals, CollectionsMarshal.AsSpan(_judged));
        if (depth >= Deepest)
            return;
        Disguised(SpelledOut.Join(folded.Text), "spelled_out", place, anywhere: true);
        Disguised(SpelledOut.WithoutDigits(folded.Text), "spelled_out", place, anywhere: false, folded);
        Disguised(PartedWords.Join(folded.Text), "spelled_out", place, anywhere: false);

        _decoded.Clear();
        EncodedText.Find(text, Longest, _decoded);
        foreach (var (decoded, at) in _decoded.ToArray())
        {
            var before = signals.Count;
            Screen(decoded, "encoded", depth + 1);
            if (signals.Count > before)
                signals.Add("encoded_text", 0.5, place, FoldedText.QuoteOf(text.AsSpan(at, Math.Min(60, text.Length - at)), 60));
        }
    }

    /// <param name="original">Another form of the text, whose sentences were judged just before.</param>
    private void Disguised(string? plain, string kind, string place, bool anywhere, FoldedText? original = null)
    {
        if (plain is null)
            return;
        using var folded = FoldedText.Of(plain, Longest);
        var before = signals.Count;
        Sentences(folded, place, anywhere, ForDisguise, original, keeps: false);
        if (signals.Count > before)
            signals.Add(kind, 0.4, place, FoldedText.QuoteOf(plain, 60));
    }

    /// <summary>False when there was no anchor at all.</summary>
    /// <param name="keeps">What is found in each is kept for other forms of the text.</param>
    private bool Sentences(FoldedText folded, string place, bool anywhere, double more, FoldedText? original, bool keeps)
    {
        var text = folded.Text;
        var scan = Anchors.Scan(text, folded.IsAscii);
        var earlier = new EarlierSentences(_judged, original is null ? default : original.Text, text);
        var done = 0;
        var talked = -1000;
        bool? turns = null;
        for (var count = 0; count < MostSentences; count++)
        {
            var sentence = earlier.From(done) ?? Read(text, folded.IsAscii, scan.Next(done), done, anywhere, keeps);
            var (_, at, start, end, first, number, talks) = sentence;
            if (at < 0)
                return count > 0;
            var found = CollectionsMarshal.AsSpan(_found).Slice(first, number);
            Judge(folded, start, end, place, more, found, talks, ref talked);
            if (more == 0)
            {
                if (turns ??= text.IndexOfAny(BackwardsWords) >= 0 || text.IndexOfAny(Rot13Words) >= 0)
                    Turned(text[start..end], place);
                Disguised(PartedWords.RunTogether(text, at), "spelled_out", place, anywhere: true);
            }
            done = Math.Max(end, at + 1);
        }
        return true;
    }

    /// <summary>Rot13, and words written backwards.</summary>
    private void Turned(ReadOnlySpan<char> sentence, string place)
    {
        if (sentence.IndexOfAny(BackwardsWords) >= 0)
            Disguised(SpelledOut.Backwards(sentence), "encoded_text", place, anywhere: false);
        else if (sentence.IndexOfAny(Rot13Words) >= 0)
            Disguised(SpelledOut.Rot13(sentence), "encoded_text", place, anywhere: false);
    }

    private JudgedSentence Read(ReadOnlySpan<char> text, bool isAscii, int anchor, int from, bool anywhere, bool keeps)
    {
        var sentence = new JudgedSentence(from, anchor, 0, 0, 0, 0, false);
        if (anchor >= 0)
        {
            var (start, end) = SentenceRange.Around(text, anchor, from, isAscii);
            var count = InstructionRules.Judge(text[start..end], anywhere, _findings, out var talks);
            if (!keeps)
                CollectionsMarshal.SetCount(_found, _kept);
            sentence = new JudgedSentence(from, anchor, start, end, _found.Count, count, talks);
            _found.AddRange(_findings.AsSpan(0, count));
        }
        if (keeps)
        {
            _judged.Add(sentence);
            _kept = _found.Count;
        }
        return sentence;
    }

    private void Judge(FoldedText folded, int start, int end, string place, double more, ReadOnlySpan<InstructionRules.Finding> found, bool talks, ref int talked)
    {
        var text = folded.Text;
        if (talks)
        {
            Talks++;
            talked = end;
        }
        foreach (var finding in found)
        {
            var (kind, weight, at) = finding;
            if (more > 0 && weight < 0.2)
                continue;
            if (more > 0)
                weight += more;
            else if (IsQuoted(text, start + at) && (talks || start - talked < 300))
                weight *= 0.2;
            else if (talks || start - talked < 200)
                weight *= 0.35;
            signals.Add(kind, weight, place, folded.Quote(Math.Max(start, start + at - 40), end));
        }
    }

    /// <summary>Whether a place stands in quotation marks, looked at from the start of its paragraph.</summary>
    private static bool IsQuoted(ReadOnlySpan<char> text, int at)
    {
        var (plain, opened) = (0, 0);
        for (var i = at - 1; i >= Math.Max(0, at - 600); i--)
        {
            var c = text[i];
            if (c == '\n' && i > 0 && text[i - 1] == '\n')
                break;
            if (c is '"' or '`')
                plain++;
            else if (c is '\u201c' or '\u201e' or '\u00ab')
                opened++;
            else if (c is '\u201d' or '\u00bb')
                opened--;
        }
        return plain % 2 == 1 || opened > 0;
    }
}
