namespace Commune.Ai.AttachmentText.Pdf;

/// <summary>Objects that are packed into a stream (ISO 32000-1 §7.5.7).</summary>
internal sealed class PdfObjectStream
{
    private const int MostObjects = 100_000;

    private readonly byte[] bytes;
    private readonly ReadingBudget budget;
    private readonly List<(int Number, int Offset)> index = [];

    public PdfObjectStream(PdfObject.Stream stream, Func<PdfObject?, PdfObject?> resolve, ReadingBudget budget)
    {
        this.budget = budget;
        bytes = PdfBody.Decode(stream, resolve, budget) ?? [];
        var count = (resolve(stream.Header["N"]) as PdfObject.Number)?.Whole ?? 0;
        var first = (resolve(stream.Header["First"]) as PdfObject.Number)?.Whole ?? 0;
        var lexer = new PdfLexer(bytes, budget);
        while (index.Count < Math.Min(count, MostObjects) && lexer.Read() is PdfObject.Number number && lexer.Read() is PdfObject.Number offset)
            index.Add((number.Whole, first + offset.Whole));
    }

    /// <summary>The numbers of the objects in it, in order.</summary>
    public static IReadOnlyList<int> Numbers(PdfObject.Stream stream, ReadingBudget budget) =>
        [.. new PdfObjectStream(stream, static one => one, budget).index.Select(static one => one.Number)];

    public PdfObject? Read(int place, int number)
    {
        // The number is what counts; the place is a hint that broken files get wrong.
        if (place < 0 || place >= index.Count || index[place].Number != number)
            place = index.FindIndex(one => one.Number == number);
        if (place < 0 || index[place].Offset < 0 || index[place].Offset >= bytes.Length)
            return null;
        return new PdfLexer(bytes, budget) { Position = index[place].Offset }.ReadResolvable() is { } value and not (PdfObject.Keyword or PdfObject.End) ? value : null;
    }
}
