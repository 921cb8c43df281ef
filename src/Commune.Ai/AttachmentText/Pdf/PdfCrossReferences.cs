namespace Commune.Ai.AttachmentText.Pdf;

/// <summary>Where an object stands.</summary>
/// <param name="Container">The object stream that it is in; 0 when it stands by itself.</param>
/// <param name="Place">The offset in the file, or its index in the container.</param>
internal readonly record struct PdfPlace(int Container, int Place);

/// <summary>
/// The cross-reference table of a file (ISO 32000-1 §7.5.4, §7.5.8), the newest revision first; where it is broken, one that is made by looking for
/// "obj" through the whole file.
/// </summary>
internal sealed class PdfCrossReferences
{
    private const int MostSections = 200;
    private const int MostObjects = 1_000_000;
    private const int EndLookedAt = 2048;

    private readonly ReadOnlyMemory<byte> file;
    private readonly ReadingBudget budget;
    private readonly Dictionary<int, PdfPlace> places = [];

    private PdfCrossReferences(ReadOnlyMemory<byte> file, ReadingBudget budget)
    {
        this.file = file;
        this.budget = budget;
    }

    public IReadOnlyDictionary<int, PdfPlace> Places => places;

    /// <summary>Root, Encrypt and so on.</summary>
    public PdfObject.Dictionary Trailer { get; private set; } = PdfObject.Dictionary.Empty;

    /// <summary>As the file says; null when it says nothing usable.</summary>
    public static PdfCrossReferences? Read(ReadOnlyMemory<byte> file, ReadingBudget budget)
    {
        var tail = Math.Max(0, file.Length - EndLookedAt);
        var at = file.Span[tail..].LastIndexOf("startxref"u8);
        if (at < 0)
            return null;
        var lexer = new PdfLexer(file, budget) { Position = tail + at + 9 };
        var references = new PdfCrossReferences(file, budget);
        return lexer.Read() is PdfObject.Number start && references.ReadSections(start.Whole) ? references : null;
    }

    /// <summary>From the objects themselves.</summary>
    public static PdfCrossReferences Rebuild(ReadOnlyMemory<byte> file, ReadingBudget budget)
    {
        var references = new PdfCrossReferences(file, budget);
        references.Scan();
        return references;
    }

    private bool ReadSections(int first)
    {
        var waiting = new Queue<int>([first]);
        var seen = new HashSet<int>();
        while (waiting.TryDequeue(out var at))
        {
            if (at < 0 || at >= file.Length || seen.Count > MostSections || !seen.Add(at))
                continue;
            var lexer = new PdfLexer(file, budget) { Position = at };
            var word = lexer.Read();
            var trailer = word is PdfObject.Keyword { Value: "xref" } ? ReadTable(lexer) : word is PdfObject.Number ? ReadStream(at) : null;
            if (trailer is null)
                return false;
            if (Trailer.Entries.Count == 0)
                Trailer = trailer;
            // §7.5.8.4: a hybrid file has objects that only the stream tells of.
            foreach (var next in (ReadOnlySpan<string>)["XRefStm", "Prev"])
            {
                if (trailer[next] is PdfObject.Number older)
                    waiting.Enqueue(older.Whole);
            }
        }
        return Trailer["Root"] is PdfObject.Reference root && places.ContainsKey(root.ObjectNumber);
    }

    private PdfObject.Dictionary? ReadTable(PdfLexer lexer)
    {
        while (lexer.Read() is var word && word is PdfObject.Number first && lexer.Read() is PdfObject.Number count)
        {
            for (var i = 0; i < count.Whole; i++)
            {
                if (lexer.Read() is not PdfObject.Number offset || lexer.Read() is not PdfObject.Number || lexer.Read() is not PdfObject.Keyword kind)
                    return null;
                if (kind.Value == "n" && offset.Whole > 0)
                    Add(first.Whole + i, new PdfPlace(0, offset.Whole));
                else if (kind.Value is not ("n" or "f"))
                    return null;
            }
        }
        // The loop has read the word "trailer".
        return lexer.ReadResolvable() as PdfObject.Dictionary;
    }

    private PdfObject.Dictionary? ReadStream(int at)
    {
        if (PdfBody.ReadAt(file, at, budget, static _ => null)?.Object is not PdfObject.Stream stream
            || PdfBody.Decode(stream, static one => one, budget) is not { } rows)
            return null;
        ReadRows(stream.Header, rows);
        return stream.Header;
    }

    // §7.5.8.3
    private void ReadRows(PdfObject.Dictionary dictionary, byte[] rows)
    {
        if (dictionary["W"] is not PdfObject.Array { Items: [PdfObject.Number w0, PdfObject.Number w1, PdfObject.Number w2, ..] })
            return;
        var widths = (A: w0.Whole, B: w1.Whole, C: w2.Whole);
        var row = widths.A + widths.B + widths.C;
        if (widths.A is < 0 or > 8 || widths.B is < 0 or > 8 || widths.C is < 0 or > 8 || row == 0)
            return;
        var index = dictionary["Index"] is PdfObject.Array array ? array.Items : [new PdfObject.Number(0), new PdfObject.Number(rows.Length / row)];
        var at = 0;
        for (var pair = 0; pair + 1 < index.Count; pair += 2)
        {
            if (index[pair] is not PdfObject.Number first || index[pair + 1] is not PdfObject.Number count)
                return;
            for (var i = 0; i < count.Whole && at + row <= rows.Length && budget.Spend(); i++, at += row)
            {
                var kind = widths.A == 0 ? 1 : Field(rows, at, widths.A);
                var second = Field(rows, at + widths.A, widths.B);
                var third = Field(rows, at + widths.A + widths.B, widths.C);
                if (kind == 1)
                    Add(first.Whole + i, new PdfPlace(0, second));
                else if (kind == 2 && second > 0)
                    Add(first.Whole + i, new PdfPlace(second, third));
            }
        }
    }

    private static int Field(byte[] rows, int at, int width)
    {
        long value = 0;
        for (var i = 0; i < width; i++)
            value = value << 8 | rows[at + i];
        return value is >= 0 and <= int.MaxValue ? (int)value : 0;
    }

    private void Add(int number, PdfPlace place)
    {
        if (number > 0 && places.Count < MostObjects)
            places.TryAdd(number, place);
    }

    private void Scan()
    {
        var span = file.Span;
        for (var at = 0; budget.Spend(64);)
        {
            var next = span[at..].IndexOf("obj"u8);
            if (next < 0)
                break;
            at += next;
            // The last revision of an object is the one that counts.
            if (NumberBefore(span, at) is { } found)
            {
                places[found.Number] = new PdfPlace(0, found.Start);
                Consider(found.Start);
            }
            at += 3;
        }
        for (var at = 0; budget.Spend(64);)
        {
            var next = span[at..].IndexOf("trailer"u8);
            if (next < 0)
                return;
            at += next + 7;
            if (new PdfLexer(file, budget) { Position = at }.ReadResolvable() is PdfObject.Dictionary trailer)
                Merge(trailer);
        }
    }

    /// <summary>Object streams are looked into, cross-reference streams have the trailer's entries, and a catalog is a root.</summary>
    private void Consider(int at)
    {
        // Cheap before dear: the type stands near the beginning of such objects.
        var head = file.Span.Slice(at, Math.Min(400, file.Length - at));
        if (head.IndexOf("/ObjStm"u8) < 0 && head.IndexOf("/XRef"u8) < 0 && head.IndexOf("/Catalog"u8) < 0)
            return;
        if (PdfBody.ReadAt(file, at, budget, static _ => null) is not { } body)
            return;
        switch (body.Object)
        {
            case PdfObject.Stream stream when stream.Header["Type"] is PdfObject.Name { Value: "XRef" }:
                Merge(stream.Header);
                break;
            case PdfObject.Stream stream when stream.Header["Type"] is PdfObject.Name { Value: "ObjStm" }:
                var numbers = PdfObjectStream.Numbers(stream, budget);
                for (var i = 0; i < numbers.Count; i++)
                    Add(numbers[i], new PdfPlace(body.Number, i));
                break;
            case PdfObject.Dictionary dictionary when dictionary["Type"] is PdfObject.Name { Value: "Catalog" }:
                Merge(new PdfObject.Dictionary(new Dictionary<string, PdfObject?>(StringComparer.Ordinal) { ["Root"] = new PdfObject.Reference(body.Number) }));
                break;
        }
    }

    private void Merge(PdfObject.Dictionary newer)
    {
        var merged = new Dictionary<string, PdfObject?>(Trailer.Entries, StringComparer.Ordinal);
        foreach (var name in (ReadOnlySpan<string>)["Root", "Encrypt"])
        {
            if (newer[name] is { } value)
                merged[name] = value;
        }
        Trailer = new PdfObject.Dictionary(merged);
    }

    /// <summary>The object number of "12 0 obj", given where "obj" stands.</summary>
    private static (int Number, int Start)? NumberBefore(ReadOnlySpan<byte> span, int at)
    {
        var i = at - 1;
        var generation = TakeDigits(span, ref i);
        var number = generation is null ? null : TakeDigits(span, ref i);
        return number is { } value && (i < 0 || !char.IsAsciiDigit((char)span[i])) ? (value, i + 1) : null;
    }

    private static int? TakeDigits(ReadOnlySpan<byte> span, ref int i)
    {
        while (i >= 0 && PdfLexer.IsBlank(span[i]))
            i--;
        var end = i;
        long value = 0;
        for (long factor = 1; i >= 0 && char.IsAsciiDigit((char)span[i]) && end - i < 9; i--, factor *= 10)
            value += (span[i] - '0') * factor;
        return i == end ? null : (int)value;
    }
}
