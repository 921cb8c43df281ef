using System.Collections.ObjectModel;

namespace Commune.Mail.Smtp.Server;

/// <summary>The BODY parameter of MAIL (RFC 6152). BINARYMIME is not offered.</summary>
public enum SmtpBodyType
{
    /// <summary>7BIT, also when the client didn't say.</summary>
    SevenBit,

    EightBitMime,
}

/// <summary>The envelope of one transaction: where the mail comes from and goes to, whatever its header says.</summary>
public sealed class SmtpEnvelope
{
    private readonly List<SmtpPath> _recipients = [];

    public required SmtpPath ReversePath { get; init; }

    /// <summary>The recipients that the handler has accepted, in the order of RCPT.</summary>
    public IReadOnlyList<SmtpPath> Recipients => _recipients;

    public SmtpBodyType Body { get; init; }

    /// <summary>The client asked for SMTPUTF8 (RFC 6531): paths, header and replies may be UTF-8.</summary>
    public bool SmtpUtf8 { get; init; }

    /// <summary>The SIZE that the client declared (RFC 1870), in octets; a hint, not checked against what comes.</summary>
    public long? DeclaredSize { get; init; }

    /// <summary>Parameters of MAIL that are tolerated without a meaning here, such as AUTH; keys in upper case.</summary>
    public IReadOnlyDictionary<string, string?> OtherParameters { get; init; } = NoParameters;

    internal static IReadOnlyDictionary<string, string?> NoParameters => ReadOnlyDictionary<string, string?>.Empty;

    internal void Add(SmtpPath recipient) => _recipients.Add(recipient);
}
