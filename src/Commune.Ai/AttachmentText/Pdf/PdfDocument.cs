namespace Commune.Ai.AttachmentText.Pdf;

/// <summary>The objects of a file by their numbers. Each is read once; a circle of references ends in null.</summary>
internal sealed class PdfDocument
{
    private const int LongestChain = 20;
    private const int MostPages = 10_000;
    private const int DeepestTree = 60;

    private readonly ReadOnlyMemory<byte> file;
    private readonly ReadingBudget budget;
    private readonly Dictionary<int, PdfObject?> read = [];
    private readonly Dictionary<int, PdfObjectStream?> containers = [];
    private readonly HashSet<int> underWay = [];
    private PdfCrossReferences references;

    private PdfDocument(ReadOnlyMemory<byte> file, ReadingBudget budget, PdfCrossReferences references)
    {
        this.file = file;
        this.budget = budget;
        this.references = references;
    }

    public bool IsEncrypted => references.Trailer["Encrypt"] is not null;

    public PdfObject.Dictionary Catalog => Dictionary(references.Trailer["Root"]);

    /// <summary>Opens it by its own table, or by a table of our making when that leads to no page.</summary>
    public static PdfDocument Open(ReadOnlyMemory<byte> file, ReadingBudget budget)
    {
        // §7.5.2: offsets count from the header, which may have rubbish before it.
        var header = file.Span[..Math.Min(file.Length, 1024)].IndexOf("%PDF-"u8);
        if (header > 0)
            file = file[header..];
        var document = new PdfDocument(file, budget, PdfCrossReferences.Read(file, budget) ?? PdfCrossReferences.Rebuild(file, budget));
        if (!document.IsEncrypted && !document.Pages().Any())
        {
            document.references = PdfCrossReferences.Rebuild(file, budget);
            document.read.Clear();
            document.containers.Clear();
        }
        return document;
    }

    /// <summary>What a reference leads to; anything else is itself.</summary>
    public PdfObject? Resolve(PdfObject? value)
    {
        for (var steps = 0; value is PdfObject.Reference reference; steps++)
        {
            if (steps == LongestChain)
                return null;
            value = Load(reference.ObjectNumber);
        }
        return value;
    }

    public PdfObject.Dictionary Dictionary(PdfObject? value) => Resolve(value) switch
    {
        PdfObject.Dictionary dictionary => dictionary,
        PdfObject.Stream stream => stream.Header,
        _ => PdfObject.Dictionary.Empty,
    };

    public IReadOnlyList<PdfObject?> Items(PdfObject? value) => Resolve(value) is PdfObject.Array array ? array.Items : [];

    public double Number(PdfObject? value, double usual = 0) => Resolve(value) is PdfObject.Number number ? number.Value : usual;

    public string? Name(PdfObject? value) => (Resolve(value) as PdfObject.Name)?.Value;

    /// <summary>The decoded bytes of a stream; empty for what is none.</summary>
    public byte[] Bytes(PdfObject? value) => Resolve(value) is PdfObject.Stream stream ? PdfBody.Decode(stream, Resolve, budget) ?? [] : [];

    /// <summary>The pages in their order, each with what it inherits of resources.</summary>
    public IEnumerable<(PdfObject.Dictionary Page, PdfObject.Dictionary Resources)> Pages()
    {
        var seen = new HashSet<int>();
        var count = 0;
        var waiting = new Stack<(PdfObject? Node, PdfObject.Dictionary Resources, int Depth)>([(Catalog["Pages"], PdfObject.Dictionary.Empty, 0)]);
        while (waiting.TryPop(out var next) && budget.Spend())
        {
            if (next.Node is PdfObject.Reference reference && !seen.Add(reference.ObjectNumber))
                continue;
            var node = Dictionary(next.Node);
            var resources = node["Resources"] is { } own ? Dictionary(own) : next.Resources;
            var kids = Items(node["Kids"]);
            if (kids.Count == 0 && node.Entries.Count > 0 && node["Count"] is null)
            {
                if (++count > MostPages)
                    yield break;
                yield return (node, resources);
            }
            for (var i = Math.Min(kids.Count, MostPages) - 1; i >= 0 && next.Depth < DeepestTree; i--)
                waiting.Push((kids[i], resources, next.Depth + 1));
        }
    }

    private PdfObject? Load(int number)
    {
        if (read.TryGetValue(number, out var known))
            return known;
        // A stream's length may be an object, whose own length may be one: strangers can make that as deep as they like.
        if (underWay.Count > LongestChain || !references.Places.TryGetValue(number, out var place) || !budget.Spend() || !underWay.Add(number))
            return null;
        var value = place.Container == 0
            ? PdfBody.ReadAt(file, place.Place, budget, reference => (Resolve(reference) as PdfObject.Number)?.Whole) is { } body && body.Number == number ? body.Object : null
            : Container(place.Container)?.Read(place.Place, number);
        underWay.Remove(number);
        read[number] = value;
        return value;
    }

    private PdfObjectStream? Container(int number)
    {
        if (containers.TryGetValue(number, out var known))
            return known;
        // A container may not be in a container.
        var stream = references.Places.TryGetValue(number, out var place) && place.Container == 0 ? Resolve(new PdfObject.Reference(number)) as PdfObject.Stream : null;
        return containers[number] = stream is null ? null : new PdfObjectStream(stream, Resolve, budget);
    }
}
