namespace Commune.Mail.Mime;

/// <summary>A departure from the standards that the parser met and worked around.</summary>
/// <param name="Offset">Where, in bytes from the start of the message.</param>
public readonly record struct MimeDefect(MimeDefectKind Kind, int Offset);

public enum MimeDefectKind
{
    /// <summary>No line broken by LF: bare CR was taken as the line end.</summary>
    BareCarriageReturns,
    /// <summary>The message starts with the "From " line of an mbox file.</summary>
    MboxFromLine,
    /// <summary>The body starts without an empty line after the header.</summary>
    MissingHeaderSeparator,
    /// <summary>More header fields or bytes than the limits allow; the rest is not listed.</summary>
    HeaderTooLarge,
    /// <summary>A multipart that names no boundary.</summary>
    MissingBoundary,
    /// <summary>The named boundary never occurs; another one was found and used, or the body stays undivided.</summary>
    WrongBoundary,
    /// <summary>A multipart without its closing delimiter.</summary>
    MissingCloseDelimiter,
    /// <summary>Multiparts nested beyond the limit.</summary>
    TooDeep,
    /// <summary>More parts than the limit.</summary>
    TooManyParts,
}
