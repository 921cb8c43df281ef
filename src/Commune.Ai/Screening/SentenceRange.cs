using System.Buffers;

namespace Commune.Ai.Screening;

/// <summary>Where the sentence around a place begins and ends. Lines wrap, so only a blank line ends one.</summary>
internal static class SentenceRange
{
    private const int MostBefore = 400;
    private const int MostBehind = 700;

    private static readonly SearchValues<char> AsciiEnds = SearchValues.Create(".!?\n");
    private static readonly SearchValues<char> AllEnds = SearchValues.Create(".!?\n。！？।");

    public static (int Start, int End) Around(ReadOnlySpan<char> text, int at, int notBefore, bool isAscii)
    {
        var ends = isAscii ? AsciiEnds : AllEnds;
        var least = Math.Max(notBefore, at - MostBefore);
        var start = at;
        while (start > least)
        {
            start = least + 1 + text[least..start].LastIndexOfAny(ends);
            if (start == least || Ends(text, start - 1))
                break;
            start--;
        }
        var most = Math.Min(text.Length, at + MostBehind);
        var end = at;
        while (end < most)
        {
            var next = text[end..most].IndexOfAny(ends);
            end = next < 0 ? most : end + next;
            if (next < 0 || Ends(text, end))
                break;
            end++;
        }
        return (start, Math.Min(text.Length, end + 1));
    }

    private static bool Ends(ReadOnlySpan<char> text, int at) => text[at] switch
    {
        '.' or '!' or '?' => at + 1 >= text.Length || text[at + 1] is ' ' or '\n' or '\r' or '"' or '\'' or '<' or '\u201d',
        '。' or '！' or '？' or '।' => true,
        '\n' => at + 1 < text.Length && (text[at + 1] == '\n' || (text[at + 1] == '\r' && at + 2 < text.Length && text[at + 2] == '\n')),
        _ => false,
    };
}
