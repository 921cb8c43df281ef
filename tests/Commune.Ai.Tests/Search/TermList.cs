using Commune.Ai.Search;

namespace Commune.Ai.Tests.Search;

/// <summary>The terms of a text with their kinds.</summary>
internal sealed class TermList : IWordSink
{
    public List<(string Term, WordKind Kind, int Start, int Length)> Found { get; } = [];

    public static List<(string Term, WordKind Kind, int Start, int Length)> Of(string text)
    {
        var list = new TermList();
        SearchWords.Read(text, ref list);
        return list.Found;
    }

    public static string[] TermsOf(string text) => [.. Of(text).Select(static found => found.Term)];

    public void Take(ReadOnlySpan<char> term, int start, int length, WordKind kind) => Found.Add((term.ToString(), kind, start, length));
}
