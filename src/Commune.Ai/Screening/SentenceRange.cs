namespace Commune.Ai.Screening;

/// <summary>Where the sentence around a place begins and ends. Lines wrap, so only a blank line ends one.</summary>
internal static class SentenceRange
{
    private const int MostBefore = 400;
    private const int MostBehind = 700;

    public static (int Start, int End) Around(ReadOnlySpan<char> text, int at, int notBefore)
    {
        var start = at;
        var least = Math.Max(notBefore, at - MostBefore);
        while (start > least && !Ends(text, start - 1))
            start--;
        var end = at;
        var most = Math.Min(text.Length, at + MostBehind);
        while (end < most && !Ends(text, end))
            end++;
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
