using System.Text;

namespace Commune.Mail.Dkim;

/// <summary>A published key (RFC 6376 §3.6.1, RFC 8463 §4).</summary>
internal sealed class DkimKeyRecord
{
    private readonly TagList _tags;

    private DkimKeyRecord(TagList tags) => _tags = tags;

    /// <summary>k=.</summary>
    public string KeyType { get; private init; } = "rsa";

    /// <summary>p=; empty for a key that was revoked.</summary>
    public byte[] PublicKey { get; private init; } = [];

    /// <summary>t=y.</summary>
    public bool IsTesting => Lists("t", "y") ?? false;

    /// <summary>t=s: the domain of i= must be d= itself.</summary>
    public bool IsStrict => Lists("t", "s") ?? false;

    /// <summary>h=: every hash when it is absent.</summary>
    public bool AllowsHash(string hash) => Lists("h", hash) ?? true;

    /// <summary>s=: every service when it is absent.</summary>
    public bool IsForEmail => (Lists("s", "email") ?? true) || Lists("s", "*") == true;

    /// <param name="record">The TXT record, its strings joined.</param>
    /// <param name="defect">Why it is no key record.</param>
    public static DkimKeyRecord? Parse(string record, out string? defect)
    {
        var tags = TagList.Parse(Encoding.UTF8.GetBytes(record));
        defect = tags.Defect;
        if (defect is not null)
            return null;
        // §3.6.1: v= may be absent; where it is, it comes first and is DKIM1 letter by letter.
        if (tags["v"] is { } version && (version != "DKIM1" || tags.Names[0] != "v"))
            defect = "v= is not DKIM1";
        else if (tags["p"] is not { } key)
            defect = "no p=";
        else if (Base64.Decode(key) is not { } octets)
            defect = "p= is no base64";
        else
            return new DkimKeyRecord(tags) { KeyType = tags["k"] ?? "rsa", PublicKey = octets };
        return null;
    }

    /// <summary>Whether a colon-separated list has a word; null when there is no such list.</summary>
    private bool? Lists(string tag, string word) =>
        _tags[tag]?.Split(':', StringSplitOptions.TrimEntries).Contains(word, StringComparer.Ordinal);
}
