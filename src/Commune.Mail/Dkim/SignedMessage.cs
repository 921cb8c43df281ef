using System.Text;

namespace Commune.Mail.Dkim;

/// <summary>A message as its signatures see it: what several of them need is worked out once.</summary>
internal sealed class SignedMessage
{
    private readonly ReadOnlyMemory<byte> _message;
    private readonly Dictionary<BodyForm, BodyDigest> _bodies = [];

    // The lowest field of each name, and for each field the next one of its name above it: h= takes them bottom up. Most mails are asked
    // whether they are signed, and no more.
    private Dictionary<string, int>? _lowest;
    private int[] _above = [];

    public SignedMessage(ReadOnlyMemory<byte> message)
    {
        _message = message;
        Fields = HeaderFieldList.Read(message.Span);
    }

    public HeaderFieldList Fields { get; }

    public ReadOnlySpan<byte> Field(int index) => Fields.Field(_message.Span, index);

    public ReadOnlySpan<byte> Value(int index) => Fields.Value(_message.Span, index);

    /// <summary>The fields of a name, top to bottom, at most so many of them.</summary>
    public List<int> Named(string name, int limit)
    {
        var found = new List<int>();
        for (var i = 0; i < Fields.Count && found.Count < limit; i++)
        {
            if (Fields.IsNamed(_message.Span, i, name))
                found.Add(i);
        }

        return found;
    }

    /// <summary>RFC 6376 §3.7: the hash of the canonical body, up to l=. One pass for each form that is asked for.</summary>
    public BodyDigest Body(SignatureField signature)
    {
        var form = new BodyForm(signature.BodyCanonicalization, signature.Algorithm.HashName(), signature.BodyLength);
        if (_bodies.TryGetValue(form, out var digest))
            return digest;

        using var hasher = new CanonicalHasher(signature.Algorithm.Hash(), form.Length ?? ulong.MaxValue);
        AppendBody(form.Canonicalization, hasher.Append);
        digest = new BodyDigest(hasher.Finish(), hasher.Total);
        _bodies[form] = digest;
        return digest;
    }

    public void AppendBody(CanonicalizationAlgorithm canonicalization, CanonicalSink sink)
    {
        var canonicalizer = new BodyCanonicalizer(canonicalization, sink);
        canonicalizer.Append(_message.Span[Fields.BodyStart..]);
        canonicalizer.Finish();
    }

    /// <summary>RFC 6376 §3.7: the hash of the fields that h= names, then of the signature field <paramref name="self"/>
    /// without the value of b= and without its CRLF.</summary>
    public byte[] HeaderHash(SignatureField signature, int self)
    {
        using var hasher = new CanonicalHasher(signature.Algorithm.Hash());
        CanonicalSink sink = hasher.Append;
        AppendFields(signature.SignedFields, signature.HeaderCanonicalization, self, sink);
        AppendUnsigned(Field(self), signature, sink);
        return hasher.Finish();
    }

    /// <summary>Writes the fields that an h= names, in its order, each name from the bottom up (RFC 6376 §5.4.2).</summary>
    /// <param name="self">The signature that is being verified, which is no field of the message yet (§3.7); -1 to sign.</param>
    public void AppendFields(IReadOnlyList<string> names, CanonicalizationAlgorithm canonicalization, int self, CanonicalSink sink)
    {
        var next = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var lowest = _lowest ??= FindLowest();
        foreach (var name in names)
        {
            if (!next.TryGetValue(name, out var index))
                index = lowest.GetValueOrDefault(name, -1);
            if (index >= 0 && index == self)
                index = _above[index];
            // A name beyond the last instance stands for the null string.
            if (index >= 0)
            {
                Canonicalization.Header(Field(index), canonicalization, sink);
                index = _above[index];
            }

            next[name] = index;
        }
    }

    /// <summary>Writes a signature field in canonical form with an empty b= and without its CRLF.</summary>
    public static void AppendUnsigned(ReadOnlySpan<byte> field, SignatureField signature, CanonicalSink sink)
    {
        if (field.EndsWith("\r\n"u8))
            field = field[..^2];
        var value = field.IndexOf((byte)':') + 1;
        var (offset, length) = signature.SignatureRange.GetOffsetAndLength(field.Length - value);
        byte[] unsigned = [.. field[..(value + offset)], .. field[(value + offset + length)..]];
        Canonicalization.HeaderWithoutEnd(unsigned, signature.HeaderCanonicalization, sink);
    }

    private Dictionary<string, int> FindLowest()
    {
        var octets = _message.Span;
        var lowest = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        _above = new int[Fields.Count];
        for (var i = 0; i < Fields.Count; i++)
        {
            var name = Encoding.Latin1.GetString(Fields.Name(octets, i));
            _above[i] = lowest.GetValueOrDefault(name, -1);
            lowest[name] = i;
        }

        return lowest;
    }

    private readonly record struct BodyForm(CanonicalizationAlgorithm Canonicalization, string Hash, ulong? Length);
}

/// <param name="Length">Octets of the whole canonical body.</param>
internal sealed record BodyDigest(byte[] Hash, ulong Length);
