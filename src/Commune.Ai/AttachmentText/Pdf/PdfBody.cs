namespace Commune.Ai.AttachmentText.Pdf;

/// <summary>Indirect objects as they stand in the file (ISO 32000-1 §7.3.10), with the bytes of streams.</summary>
internal static class PdfBody
{
    /// <summary>The object at an offset; null when there is none.</summary>
    /// <param name="length">Resolves a stream's length that is an object of its own; null when that cannot be.</param>
    public static (int Number, PdfObject? Object)? ReadAt(ReadOnlyMemory<byte> file, int at, ReadingBudget budget, Func<PdfObject.Reference, int?> length)
    {
        if (at < 0 || at >= file.Length)
            return null;
        var lexer = new PdfLexer(file, budget) { Position = at };
        if (lexer.Read() is not PdfObject.Number number || lexer.Read() is not PdfObject.Number || lexer.Read() is not PdfObject.Keyword { Value: "obj" })
            return null;
        var value = lexer.ReadResolvable();
        if (value is not PdfObject.Dictionary dictionary)
            return (number.Whole, value is PdfObject.Keyword or PdfObject.End ? null : value);
        return (number.Whole, lexer.Read() is PdfObject.Keyword { Value: "stream" } ? new PdfObject.Stream(dictionary, StreamBytes(file, lexer.Position, dictionary, budget, length)) : dictionary);
    }

    /// <summary>The decoded bytes of a stream; null when it is an image's.</summary>
    public static byte[]? Decode(PdfObject.Stream stream, Func<PdfObject?, PdfObject?> resolve, ReadingBudget budget)
    {
        var filters = ListOf(resolve(stream.Header["Filter"] ?? stream.Header["F"]), resolve).OfType<PdfObject.Name>().Select(static name => name.Value).ToList();
        var parameters = ListOf(resolve(stream.Header["DecodeParms"] ?? stream.Header["DP"]), resolve)
            .Select(static one => one as PdfObject.Dictionary ?? PdfObject.Dictionary.Empty).ToList();
        return PdfFilters.Decode(stream.Raw, filters, parameters, budget);
    }

    private static IEnumerable<PdfObject?> ListOf(PdfObject? value, Func<PdfObject?, PdfObject?> resolve) => value switch
    {
        null => [],
        PdfObject.Array array => array.Items.Select(resolve),
        _ => [value],
    };

    private static ReadOnlyMemory<byte> StreamBytes(ReadOnlyMemory<byte> file, int at, PdfObject.Dictionary dictionary, ReadingBudget budget, Func<PdfObject.Reference, int?> length)
    {
        var span = file.Span;
        // §7.3.8.1: CRLF or LF; a bare CR is wrong and seen.
        if (at < span.Length && span[at] == '\r')
            at++;
        if (at < span.Length && span[at] == '\n')
            at++;
        var said = dictionary["Length"] switch
        {
            PdfObject.Number number => number.Whole,
            PdfObject.Reference reference => length(reference),
            _ => null,
        };
        if (said is >= 0 && said <= span.Length - at && EndsAt(span, at + said.Value))
            return file.Slice(at, said.Value);
        var end = span[at..].IndexOf("endstream"u8);
        var found = end < 0 ? span.Length - at : end;
        budget.Spend(found / 64);
        return file.Slice(at, found);
    }

    private static bool EndsAt(ReadOnlySpan<byte> span, int at)
    {
        var rest = span.Slice(at, Math.Min(32, span.Length - at));
        return rest.TrimStart(" \r\n\t\0"u8).StartsWith("endstream"u8);
    }
}
