namespace Commune.Ai.AttachmentText;

/// <summary>The text of an attachment, or why there is none.</summary>
public abstract record AttachmentReading
{
    private AttachmentReading()
    {
    }

    /// <summary>What a person would read, with LF line ends; never blank.</summary>
    /// <param name="IsCut">A limit was reached: there is more text than this.</param>
    public sealed record Text(string Value, bool IsCut) : AttachmentReading;

    /// <summary>No text; the detail is a sentence for people.</summary>
    public sealed record Unreadable(UnreadableReason Reason, string Detail) : AttachmentReading;
}

/// <summary>Why an attachment has no text.</summary>
public enum UnreadableReason
{
    /// <summary>Images, sound, archives and whatever else we do not read.</summary>
    UnsupportedType,

    /// <summary>More bytes than <see cref="AttachmentLimits.MaxBytes"/>.</summary>
    TooLarge,

    /// <summary>Its text needs a password.</summary>
    Encrypted,

    /// <summary>It is not what it says it is, or it is broken beyond reading.</summary>
    Damaged,

    /// <summary>It unpacks to more than a document would, or has more parts: a bomb.</summary>
    TooCostly,

    /// <summary>Read from end to end, and there is no text in it: a scan, for one.</summary>
    NoText,
}
