using System.Globalization;
using Commune.Mail.Dns;

namespace Commune.Mail.Dkim;

/// <summary>Whose rules a signature field follows.</summary>
internal enum SignatureKind
{
    /// <summary>DKIM-Signature (RFC 6376 §3.5).</summary>
    Dkim,

    /// <summary>ARC-Message-Signature: the same without v= and with i= as a number (RFC 8617 §4.1.2).</summary>
    ArcMessage,

    /// <summary>ARC-Seal: no body, no h= (RFC 8617 §4.1.3).</summary>
    ArcSeal,
}

/// <summary>The tags of a signature field. Where it has a <see cref="Defect"/>, the rest is what could be read.</summary>
internal sealed class SignatureField
{
    // RFC 6376 §3.5: t= and x= count seconds with at most twelve digits.
    private const int MaxTimeDigits = 12;

    private SignatureField(TagList tags) => Tags = tags;

    public TagList Tags { get; }

    /// <summary>Why no verifier can use it; null when one can.</summary>
    public string? Defect { get; private set; }

    public string AlgorithmName => Tags["a"] ?? "";

    public DkimAlgorithm Algorithm { get; private set; }

    /// <summary>d= as A-labels.</summary>
    public string Domain { get; private set; } = "";

    public string Selector { get; private set; } = "";

    /// <summary>i= of a DKIM signature, decoded.</summary>
    public string? Identity { get; private set; }

    public CanonicalizationAlgorithm HeaderCanonicalization { get; private set; }

    public CanonicalizationAlgorithm BodyCanonicalization { get; private set; }

    public IReadOnlyList<string> SignedFields { get; private set; } = [];

    public byte[] BodyHash { get; private set; } = [];

    public byte[] Signature { get; private set; } = [];

    /// <summary>The value of b= within the field's value, white space included.</summary>
    public Range SignatureRange { get; private set; }

    /// <summary>l=.</summary>
    public ulong? BodyLength { get; private set; }

    /// <summary>t=, in seconds since 1970.</summary>
    public ulong? Timestamp { get; private set; }

    /// <summary>x=, in seconds since 1970.</summary>
    public ulong? Expiration { get; private set; }

    /// <param name="value">What follows the colon, without the final CRLF.</param>
    public static SignatureField Parse(ReadOnlySpan<byte> value, SignatureKind kind)
    {
        var field = new SignatureField(TagList.Parse(value));
        // What names the signature is read first, so that a report on a broken one can say which it was.
        var names = field.ReadNames(kind);
        field.Defect = field.Tags.Defect ?? names ?? field.ReadAlgorithm() ?? field.ReadTimes()
            ?? (kind == SignatureKind.ArcSeal ? field.ReadSealForm() : field.ReadMessageForm(kind));
        return field;
    }

    private string? ReadNames(SignatureKind kind)
    {
        if (Tags["d"] is not { } domain)
            return "no d=";
        if (!TryName(domain, out var normalized))
            return "d= is no domain name";
        Domain = normalized;
        if (Tags["s"] is not { } selector)
            return "no s=";
        if (!TryName(selector, out normalized))
            return "s= is no selector";
        Selector = normalized;
        return kind == SignatureKind.Dkim && Tags["i"] is { } identity ? ReadIdentity(identity) : null;
    }

    /// <summary>RFC 6376 §3.5: the domain of i= is d= or lies below it.</summary>
    private string? ReadIdentity(string text)
    {
        if (QuotedPrintable.Decode(text) is not { } identity || identity.LastIndexOf('@') is var at && at < 0)
            return "i= is no identity";
        Identity = identity;
        if (!DnsName.TryNormalize(identity[(at + 1)..], out var domain))
            return "i= is no identity";
        IdentityDomain = domain;
        return domain == Domain || domain.EndsWith("." + Domain, StringComparison.Ordinal)
            ? null
            : "the domain of i= is not below d=";
    }

    /// <summary>The domain of i=, or d=.</summary>
    public string IdentityDomain
    {
        get => field ?? Domain;
        private set;
    }

    private string? ReadAlgorithm()
    {
        if (Tags["a"] is not { } name)
            return "no a=";
        if (DkimAlgorithms.FromTag(name) is not { } algorithm)
            return "a= is not known";
        Algorithm = algorithm;
        if (Tags["b"] is not { } signature)
            return "no b=";
        if (Base64.Decode(signature) is not { Length: > 0 } octets)
            return "b= is no base64";
        Signature = octets;
        SignatureRange = Tags.RawRange("b");
        return null;
    }

    private string? ReadTimes()
    {
        if (Tags["t"] is { } signedAt)
        {
            Timestamp = Time(signedAt);
            if (Timestamp is null)
                return "t= is no number";
        }

        if (Tags["x"] is { } expires)
        {
            Expiration = Time(expires);
            if (Expiration is null)
                return "x= is no number";
            if (Timestamp >= Expiration)
                return "x= is not later than t=";
        }

        return null;
    }

    /// <summary>RFC 8617 §4.1.3: an h= "is not allowed and, if found, MUST result in a cv status of fail"; and a seal is
    /// always relaxed (§5.1.1).</summary>
    private string? ReadSealForm()
    {
        HeaderCanonicalization = CanonicalizationAlgorithm.Relaxed;
        return Tags["h"] is null ? null : "h= in a seal";
    }

    private string? ReadMessageForm(SignatureKind kind)
    {
        var canonicalizations = (Tags["c"] ?? "simple/simple").Split('/');
        if (canonicalizations.Length > 2
            || Canonical(canonicalizations[0]) is not { } header
            || Canonical(canonicalizations.Length == 2 ? canonicalizations[1] : "simple") is not { } body)
            return "c= is not known";
        HeaderCanonicalization = header;
        BodyCanonicalization = body;

        if (Tags["bh"] is not { } bodyHash)
            return "no bh=";
        if (Base64.Decode(bodyHash) is not { Length: > 0 } octets)
            return "bh= is no base64";
        BodyHash = octets;

        if (Tags["l"] is { } length)
        {
            // §3.5: at most 76 digits; no body is longer than what 19 can say.
            if (length.Length is 0 or > 76 || !length.All(char.IsAsciiDigit))
                return "l= is no number";
            BodyLength = ulong.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : ulong.MaxValue;
        }

        // §3.5: q= lists ways to get the key, and dns/txt is the only one there is. Early signers wrote "dns".
        if (Tags["q"] is { } ways && !ways.Split(':').Any(w => w.Trim(' ', '\t', '\r', '\n') is "dns/txt" or "dns"))
            return "q= is not known";
        return ReadSignedFields(kind);
    }

    private string? ReadSignedFields(SignatureKind kind)
    {
        if (Tags["h"] is not { } list)
            return "no h=";
        var names = list.Split(':', StringSplitOptions.TrimEntries);
        SignedFields = names;
        if (kind != SignatureKind.Dkim)
        {
            // RFC 8617 §4.1.2: "MUST NOT include the ARC-Seal".
            return names.Contains("ARC-Seal", StringComparer.OrdinalIgnoreCase) ? "ARC-Seal in h=" : null;
        }

        if (names.Any(n => n.Length == 0))
            return "h= has an empty name";
        // §5.4: "The From header field MUST be signed".
        return names.Contains("From", StringComparer.OrdinalIgnoreCase) ? null : "From is not in h=";
    }

    private static CanonicalizationAlgorithm? Canonical(string word) => word switch
    {
        "simple" => CanonicalizationAlgorithm.Simple,
        "relaxed" => CanonicalizationAlgorithm.Relaxed,
        _ => null,
    };

    private static ulong? Time(string text) =>
        text.Length is 0 or > MaxTimeDigits || !ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? null
            : seconds;

    /// <summary>RFC 6376 §3.5: d= and s= are sub-domains; with RFC 8616 their labels may be U-labels.</summary>
    private static bool TryName(string text, out string normalized) =>
        DnsName.TryNormalize(text, out normalized)
        && normalized != "."
        && normalized.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_');
}
