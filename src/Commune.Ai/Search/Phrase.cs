using System.Globalization;

namespace Commune.Ai.Search;

/// <summary>A text in quotation marks, to be found word by word: the same words in the same order, whatever stands between them.</summary>
public sealed class Phrase
{
    private const CompareOptions Alike = CompareOptions.IgnoreCase | CompareOptions.IgnoreNonSpace | CompareOptions.IgnoreWidth | CompareOptions.IgnoreKanaType;
    private readonly string phrase;
    private readonly List<Piece> pieces;

    public Phrase(string phrase)
    {
        this.phrase = phrase;
        pieces = PiecesOf(phrase);
    }

    /// <summary>The terms that a message must have to have the phrase.</summary>
    public IEnumerable<string> Terms => pieces.Select(static piece => piece.Term).Distinct(StringComparer.Ordinal);

    /// <summary>Where the phrase begins and ends in the text; null when it is not there.</summary>
    public (int Start, int Length)? FindIn(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (pieces.Count == 0)
            return null;
        var found = PiecesOf(text);
        for (var at = 0; at + pieces.Count <= found.Count; at++)
        {
            var matched = 0;
            while (matched < pieces.Count && IsAlike(text, found[at + matched], pieces[matched]))
                matched++;
            if (matched == pieces.Count)
                return (found[at].Start, found[at + matched - 1].Start + found[at + matched - 1].Length - found[at].Start);
        }
        return null;
    }

    /// <summary>Stems are alike first, since that is cheap; then the words themselves.</summary>
    private bool IsAlike(string text, Piece found, Piece wanted) =>
        found.Term == wanted.Term
        && CultureInfo.InvariantCulture.CompareInfo.Compare(
            text.AsSpan(found.Start, found.Length), phrase.AsSpan(wanted.Start, wanted.Length), Alike) == 0;

    private static List<Piece> PiecesOf(string text)
    {
        var collector = new Collector();
        SearchWords.Read(text, ref collector);
        // A letter of a script without spaces counts by itself only where it has no neighbour.
        return collector.Pieces.Exists(static piece => piece.Kind == WordKind.Single)
            ? [.. collector.Pieces.Where((piece, i) => piece.Kind != WordKind.Single || IsAlone(collector.Pieces, i))]
            : collector.Pieces;
    }

    private static bool IsAlone(List<Piece> pieces, int at)
    {
        var (start, end) = (pieces[at].Start, pieces[at].Start + pieces[at].Length);
        for (var i = Math.Max(0, at - 2); i < Math.Min(pieces.Count, at + 4); i++)
        {
            if (pieces[i].Kind == WordKind.Pair && pieces[i].Start <= start && pieces[i].Start + pieces[i].Length >= end)
                return false;
        }
        return true;
    }

    private readonly record struct Piece(string Term, int Start, int Length, WordKind Kind);

    private sealed class Collector : IWordSink
    {
        public List<Piece> Pieces { get; } = [];

        public void Take(ReadOnlySpan<char> term, int start, int length, WordKind kind)
        {
            if (kind is not (WordKind.Whole or WordKind.Split))
                Pieces.Add(new Piece(term.ToString(), start, length, kind));
        }
    }
}
