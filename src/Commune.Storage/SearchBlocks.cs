using System.Buffers.Binary;
using System.Globalization;

namespace Commune.Storage;

/// <summary>What both engines write alike into the tables of the index.</summary>
internal static class SearchBlocks
{
    /// <summary>With every so many documents the organisation's job is asked to look.</summary>
    public const long AskEvery = 1024;

    /// <summary>So many documents wait at least before they are made a segment.</summary>
    public const long LeastWaiting = 2048;

    /// <summary>How long nodes have to hear of a deletion; one that heard of none for longer reads the index anew.</summary>
    public const long DeletionLife = 2L * 24 * 60 * 60 * 1000;

    public static string JobId(string orgId) => "search_" + orgId;

    /// <summary>The job that has a provider make vectors.</summary>
    public static string VectorJobId(string orgId) => "vectors_" + orgId;

    /// <summary>The job that copies vectors to a search engine beside the store.</summary>
    public static string MirrorJobId(string orgId) => "mirror_" + orgId;

    /// <summary>The job that reads the files of a message.</summary>
    public static string ReadingJobId(string messageId) => "attachments_" + messageId;

    public static byte[] Pack(IReadOnlyCollection<long> documents)
    {
        var block = new byte[documents.Count * sizeof(long)];
        var at = 0;
        foreach (var document in documents)
        {
            BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(at), document);
            at += sizeof(long);
        }
        return block;
    }

    public static string Join(IEnumerable<long> numbers) => string.Join(' ', numbers);

    public static IReadOnlyList<long> Split(string numbers) =>
        [.. numbers.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static number => long.Parse(number, CultureInfo.InvariantCulture))];
}

/// <summary>The document numbers in a row of <c>search_deletions</c>.</summary>
public static class DeletedDocuments
{
    public static IEnumerable<long> Read(ReadOnlySpan<byte> block)
    {
        var documents = new long[block.Length / sizeof(long)];
        for (var i = 0; i < documents.Length; i++)
            documents[i] = BinaryPrimitives.ReadInt64LittleEndian(block[(i * sizeof(long))..]);
        return documents;
    }
}
