using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Xml;

namespace Commune.Ai.AttachmentText.Office;

/// <summary>The parts of an Office document (ECMA-376 part 2): a zip file whose parts refer to each other by relationships.</summary>
internal sealed class OfficePackage : IDisposable
{
    /// <summary>Deflate makes at most 1032 of 1; documents hardly reach a tenth of it beyond a few megabytes.</summary>
    private const int HighestRatio = 200;
    private const int RatioMattersFrom = 8 * 1024 * 1024;

    private readonly ZipArchive zip;
    private readonly ReadingBudget budget;
    private readonly Dictionary<string, ZipArchiveEntry> parts = new(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="InvalidDataException">No zip file.</exception>
    public OfficePackage(ReadOnlyMemory<byte> content, ReadingBudget budget)
    {
        this.budget = budget;
        var bytes = MemoryMarshal.TryGetArray(content, out var array) ? array : new ArraySegment<byte>(content.ToArray());
        zip = new ZipArchive(new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false), ZipArchiveMode.Read);
        foreach (var entry in zip.Entries)
            parts.TryAdd(entry.FullName.TrimStart('/'), entry);
    }

    /// <summary>How many entries the file says it has, before anything is allocated for them.</summary>
    public static int CountEntries(ReadOnlySpan<byte> content) => content.Count("PK\u0001\u0002"u8);

    public void Dispose() => zip.Dispose();

    /// <summary>By the folder that each kind has.</summary>
    public AttachmentKind Kind() =>
        Has("word/") ? AttachmentKind.Word : Has("xl/") ? AttachmentKind.Sheet : Has("ppt/") ? AttachmentKind.Slides : AttachmentKind.Unknown;

    /// <summary>The part that the package's relationships call the document; the usual name when they call none.</summary>
    public string MainPart(string usual) =>
        Relationships("").FirstOrDefault(static one => one.Type.EndsWith("/officeDocument", StringComparison.Ordinal))?.Target is { } target && parts.ContainsKey(target) ? target : usual;

    /// <summary>Names of parts that begin so, in the order of their names' numbers.</summary>
    public IEnumerable<string> Named(string prefix) =>
        parts.Keys.Where(name => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && name.EndsWith(".xml", StringComparison.OrdinalIgnoreCase))
            .OrderBy(static name => name.Length).ThenBy(static name => name, StringComparer.Ordinal);

    /// <summary>What a part refers to inside the package; the package itself for "".</summary>
    public IReadOnlyList<OfficeRelationship> Relationships(string part)
    {
        var folder = part.Contains('/', StringComparison.Ordinal) ? part[..(part.LastIndexOf('/') + 1)] : "";
        using var reader = Open($"{folder}_rels/{part[folder.Length..]}.rels");
        var found = new List<OfficeRelationship>();
        while (reader is not null && budget.Spend() && reader.Read())
        {
            if (reader.NodeType == XmlNodeType.Element && reader.LocalName == "Relationship" && reader.GetAttribute("TargetMode") != "External"
                && reader.GetAttribute("Target") is { } target)
                found.Add(new OfficeRelationship(reader.GetAttribute("Id") ?? "", reader.GetAttribute("Type") ?? "", Resolve(folder, target)));
        }
        return found;
    }

    /// <summary>A part as XML; null when there is none. No entity or type definition is ever read.</summary>
    public XmlReader? Open(string part)
    {
        if (!parts.TryGetValue(part, out var entry) || budget.IsSpent)
            return null;
        return XmlReader.Create(
            new CountedStream(entry.Open(), budget, Math.Max(RatioMattersFrom, entry.CompressedLength * HighestRatio)),
            new XmlReaderSettings
            {
                DtdProcessing = DtdProcessing.Prohibit,
                XmlResolver = null,
                IgnoreComments = true,
                IgnoreProcessingInstructions = true,
                CloseInput = true,
                MaxCharactersInDocument = budget.Limits.MaxUnpacked,
            });
    }

    private bool Has(string folder) => parts.Keys.Any(name => name.StartsWith(folder, StringComparison.OrdinalIgnoreCase));

    private static string Resolve(string folder, string target)
    {
        if (target.StartsWith('/'))
            return target[1..];
        var steps = new List<string>(folder.Split('/', StringSplitOptions.RemoveEmptyEntries));
        foreach (var step in target.Split('/'))
        {
            if (step == "..")
                steps.RemoveRange(Math.Max(0, steps.Count - 1), Math.Min(1, steps.Count));
            else if (step is not ("" or "."))
                steps.Add(step);
        }
        return string.Join('/', steps);
    }
}

/// <param name="Target">The name of a part.</param>
internal sealed record OfficeRelationship(string Id, string Type, string Target);
