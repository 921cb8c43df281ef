using System.IO.Compression;

namespace Commune.Mail.Reports;

/// <summary>Finds the XML in what a reporter sent, without ever unpacking more than the limits allow.</summary>
internal static class DmarcReportArchive
{
    // A small report may well shrink to a hundredth; the ratio is a sign of a bomb only where there is size.
    private const int RatioMattersFrom = 1024 * 1024;
    private const int MostZipEntries = 1000;

    /// <summary>The bytes of the XML document; null with a failure.</summary>
    public static byte[]? Unpack(ReadOnlyMemory<byte> bytes, DmarcReportLimits limits, out DmarcReportResult? failure)
    {
        if (bytes.Length > limits.MaxInput)
        {
            failure = InputTooLarge(limits);
            return null;
        }
        failure = null;
        // Nested archives share one allowance: the length that came in.
        var packed = bytes.Length;
        for (var nesting = 0; ; nesting++)
        {
            var span = bytes.Span;
            var isGzip = span.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]);
            var isZip = span.StartsWith("PK\u0003\u0004"u8) || span.StartsWith("PK\u0005\u0006"u8);
            if (!isGzip && !isZip)
                return bytes.ToArray();
            if (nesting >= limits.MaxNesting)
            {
                failure = Broken("The archive holds archives inside each other; send the XML, or one gzip or zip of it.");
                return null;
            }
            try
            {
                var inner = isGzip ? Gunzip(bytes, packed, limits, out failure) : Unzip(bytes, packed, limits, out failure);
                if (inner is null)
                    return null;
                bytes = inner;
            }
            catch (Exception fault) when (fault is InvalidDataException or IOException or NotSupportedException or ArgumentException or OverflowException)
            {
                failure = Broken(isGzip ? "The gzip data is damaged or cut off." : "The zip archive is damaged, cut off, or packed by a method other than deflate.");
                return null;
            }
        }
    }

    public static DmarcReportResult InputTooLarge(DmarcReportLimits limits) =>
        DmarcReportResult.Failed(DmarcReportFailure.TooLarge, $"The report is larger than {limits.MaxInput} bytes.");

    private static byte[]? Gunzip(ReadOnlyMemory<byte> bytes, int packed, DmarcReportLimits limits, out DmarcReportResult? failure)
    {
        using var source = AsStream(bytes);
        using var gzip = new GZipStream(source, CompressionMode.Decompress);
        return ReadAll(gzip, packed, limits, out failure);
    }

    private static byte[]? Unzip(ReadOnlyMemory<byte> bytes, int packed, DmarcReportLimits limits, out DmarcReportResult? failure)
    {
        using var source = AsStream(bytes);
        using var zip = new ZipArchive(source, ZipArchiveMode.Read);
        if (zip.Entries.Count > MostZipEntries)
        {
            failure = Broken($"The zip archive has {zip.Entries.Count} entries; a report is one XML file.");
            return null;
        }
        var files = zip.Entries.Where(IsFile).ToList();
        var reports = files.Where(e => e.Name.EndsWith(".xml", StringComparison.OrdinalIgnoreCase)).ToList();
        if (reports.Count == 0)
            reports = files;
        failure = reports switch
        {
            [] => Broken("The zip archive is empty."),
            [{ IsEncrypted: true }] => Broken("The zip archive is encrypted."),
            [_] => null,
            _ => Broken($"The zip archive holds {reports.Count} files; send one report at a time."),
        };
        if (failure is not null)
            return null;
        using var entry = reports[0].Open();
        return ReadAll(entry, packed, limits, out failure);
    }

    /// <summary>No folder, and none of what macOS adds.</summary>
    private static bool IsFile(ZipArchiveEntry entry) =>
        entry.Name.Length > 0 && !entry.Name.StartsWith("._", StringComparison.Ordinal) && entry.Name != ".DS_Store"
        && !entry.FullName.StartsWith("__MACOSX/", StringComparison.Ordinal);

    private static byte[]? ReadAll(Stream stream, int packed, DmarcReportLimits limits, out DmarcReportResult? failure)
    {
        using var unpacked = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = stream.Read(buffer, 0, buffer.Length)) > 0)
        {
            var length = unpacked.Length + read;
            if (length > limits.MaxUnpacked)
            {
                failure = DmarcReportResult.Failed(DmarcReportFailure.TooLarge, $"The report unpacks to more than {limits.MaxUnpacked} bytes.");
                return null;
            }
            if (length > RatioMattersFrom && length / limits.MaxRatio > packed)
            {
                failure = DmarcReportResult.Failed(DmarcReportFailure.TooLarge, $"The report unpacks to more than {limits.MaxRatio} times its size.");
                return null;
            }
            unpacked.Write(buffer, 0, read);
        }
        failure = null;
        return unpacked.ToArray();
    }

    private static MemoryStream AsStream(ReadOnlyMemory<byte> bytes) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(bytes, out var array)
            ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
            : new MemoryStream(bytes.ToArray(), writable: false);

    private static DmarcReportResult Broken(string reason) => DmarcReportResult.Failed(DmarcReportFailure.BrokenArchive, reason);
}
