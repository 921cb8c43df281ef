namespace Commune.Ai.AttachmentText;

/// <summary>What reading one attachment may cost.</summary>
public sealed record AttachmentLimits
{
    public static AttachmentLimits Default { get; } = new();

    public int MaxBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>UTF-16 code units of text; the rest is cut.</summary>
    public int MaxText { get; init; } = 400_000;

    /// <summary>Bytes that compressed content may have in all.</summary>
    public long MaxUnpacked { get; init; } = 48 * 1024 * 1024;

    /// <summary>Files in an Office document.</summary>
    public int MaxEntries { get; init; } = 4000;

    /// <summary>Steps: a character, token or node each, and 16 bytes of unpacking. Some 20 million take a second.</summary>
    public long MaxWork { get; init; } = 30_000_000;
}
