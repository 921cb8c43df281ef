namespace Commune.Mail.Mime;

/// <summary>
/// Splits a message into its parts (RFC 5322, RFC 2046) in one pass over its bytes. Nothing is decoded here:
/// headers and bodies are ranges, and whatever needs a charset or a transfer encoding waits until it is asked for.
/// </summary>
public static class MimeParser
{
    /// <summary>Never throws on input and takes time linear in its length. The message refers to <paramref name="raw"/>, which must not change.</summary>
    public static MimeMessage Parse(ReadOnlyMemory<byte> raw, MimeLimits? limits = null) =>
        Parse(raw, limits ?? MimeLimits.Default, depth: 0, pathPrefix: "");

    /// <summary>The header alone: the body is left as one piece. Never throws either.</summary>
    public static MimeMessage ParseHeader(ReadOnlyMemory<byte> raw)
    {
        var source = new MimeSource(WithLineFeeds(raw, out _), MimeLimits.Default, depth: 0, pathPrefix: "");
        return new MimeMessage(raw, source, new MimeSplitter(source).ReadHeader());
    }

    internal static MimeMessage Parse(ReadOnlyMemory<byte> raw, MimeLimits limits, int depth, string pathPrefix)
    {
        var source = new MimeSource(WithLineFeeds(raw, out var bareReturns), limits, depth, pathPrefix);
        if (bareReturns)
            source.Report(MimeDefectKind.BareCarriageReturns, 0);
        var root = new MimeSplitter(source).Split();
        return new MimeMessage(raw, source, root);
    }

    /// <summary>
    /// A message without a single LF has bare CR as line ends. A copy with LF in their place keeps every offset.
    /// </summary>
    private static ReadOnlyMemory<byte> WithLineFeeds(ReadOnlyMemory<byte> raw, out bool changed)
    {
        changed = !raw.Span.Contains((byte)'\n') && raw.Span.Contains((byte)'\r');
        if (!changed)
            return raw;
        var copy = raw.ToArray();
        copy.AsSpan().Replace((byte)'\r', (byte)'\n');
        return copy;
    }
}

/// <summary>What all parts of one message share.</summary>
internal sealed class MimeSource(ReadOnlyMemory<byte> bytes, MimeLimits limits, int depth, string pathPrefix)
{
    // A hostile message must not fill memory with its own defects.
    private const int MostDefects = 100;

    public ReadOnlyMemory<byte> Bytes { get; } = bytes;
    public MimeLimits Limits { get; } = limits;

    /// <summary>How many messages this one is embedded in.</summary>
    public int Depth { get; } = depth;

    public string PathPrefix { get; } = pathPrefix;
    public List<HeaderRange> Headers { get; } = new(32);
    public List<MimeDefect> Defects { get; } = [];

    public void Report(MimeDefectKind kind, int offset)
    {
        if (Defects.Count < MostDefects)
            Defects.Add(new MimeDefect(kind, offset));
    }
}
