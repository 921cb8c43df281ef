namespace Commune.Mail.Mime;

/// <summary>What one message may cost. What is beyond a limit stays in the raw bytes, and a defect says so.</summary>
public sealed record MimeLimits
{
    public static MimeLimits Default { get; } = new();

    /// <summary>Multiparts inside each other; a deeper one is handed on undivided.</summary>
    public int MaxDepth { get; init; } = 64;

    /// <summary>Parts in the whole message; the last one keeps everything that follows.</summary>
    public int MaxParts { get; init; } = 2000;

    /// <summary>Header fields of one part.</summary>
    public int MaxHeaders { get; init; } = 2000;

    /// <summary>Bytes of one part's header section.</summary>
    public int MaxHeaderBytes { get; init; } = 256 * 1024;
}
