using System.Buffers;

namespace Commune.Ai.Screening;

/// <summary>Finds what nobody sees in the texts of a mail: what it spells, and what it is there for.</summary>
internal static class InvisibleScreen
{
    private static readonly SearchValues<char> ZeroWidth = SearchValues.Create("\u200B\u2060\uFEFF\u00AD\u200C\u200D\u034F\u2061\u2062\u2063\u2064");

    /// <param name="head">Subject, name of the sender, names of files.</param>
    public static void Find(string text, string head, PassageScreen passages, SignalList signals)
    {
        var counts = InvisibleText.Read(text, out var spelled);
        counts += InvisibleText.Read(head, out var spelledInHead);
        spelled += spelledInHead;
        if (counts.Tags > 0)
        {
            signals.Add("tag_characters", counts.Tags > 8 ? 0.6 : 0.3, "invisible", $"{counts.Tags} characters" + (spelled.Length > 0 ? ": " + FoldedText.QuoteOf(spelled, 80) : ""));
        }
        if (spelled.Length > 3)
            passages.Screen(spelled, "invisible");
        if (counts.Bidirectional > 0)
        {
            var turns = text.AsSpan().ContainsAny('\u202E', '\u202D') || head.AsSpan().ContainsAny('\u202E', '\u202D');
            signals.Add("bidi_characters", turns ? 0.35 : counts.Bidirectional >= InvisibleBits.LeastBits ? 0.2 : 0.05, "invisible", $"{counts.Bidirectional} characters");
        }
        if (counts.Controls > 0)
            signals.Add("control_characters", text.Contains('\u001B') || counts.Controls > 8 ? 0.25 : 0.05, "invisible", $"{counts.Controls} characters");
        // Trackers and templates leave some between words; inside words they serve to deceive.
        var inside = InsideWords(text) + InsideWords(head);
        if (inside > 2 || (counts.ZeroWidth > 0 && spelled.Length > 3))
            signals.Add("zero_width_characters", inside > 12 || spelled.Length > 3 ? 0.4 : 0.15, "invisible", $"{inside} inside words");
    }

    private static int InsideWords(string text)
    {
        var (count, last) = (0, -1);
        for (var at = text.AsSpan().IndexOfAny(ZeroWidth); at >= 0 && count < 1000;)
        {
            if (at > 0 && at + 1 < text.Length && IsInside(text, at))
            {
                // Soft hyphens part syllables: it is the letters between them that are too few.
                var soft = text[at] == '\u00AD';
                count += !soft || (last >= 0 && at - last <= 2) ? 1 : 0;
                last = soft ? at : last;
            }
            var next = text.AsSpan(at + 1).IndexOfAny(ZeroWidth);
            at = next < 0 ? -1 : at + 1 + next;
        }
        return count;
    }

    /// <summary>Between letters of a script that joins none by them.</summary>
    private static bool IsInside(string text, int at) =>
        char.IsLetter(text[at - 1]) && (char.IsLetter(text[at + 1]) || ZeroWidth.Contains(text[at + 1])) && !InvisibleNeed.IsNeeded(text, at);
}
