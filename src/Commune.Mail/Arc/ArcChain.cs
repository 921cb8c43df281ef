using System.Globalization;
using System.Text;
using Commune.Mail.Dkim;

namespace Commune.Mail.Arc;

/// <summary>The ARC sets of a message, lowest instance first (RFC 8617 §4.2).</summary>
internal sealed class ArcChain
{
    /// <summary>§4.2.1: "The maximum number of ARC Sets that can be attached to a message is 50."</summary>
    public const int MaxSets = 50;

    // A field of this size is nobody's; with it the work on 50 seals, which cover one another, has a bound.
    private const int MaxFieldLength = 64 * 1024;

    private ArcChain(IReadOnlyList<ArcSetFields> sets, string? defect)
    {
        Sets = sets;
        Defect = defect;
    }

    /// <summary>Empty when there is none, or when the fields make no chain.</summary>
    public IReadOnlyList<ArcSetFields> Sets { get; }

    /// <summary>Why the chain fails before any key is asked for (§5.2 steps 1 to 3).</summary>
    public string? Defect { get; }

    /// <summary>The highest instance of any field that names one; what a new set has to go above.</summary>
    public int HighestInstance { get; private init; }

    /// <summary>The newest seal says that the chain failed: it takes no further set.</summary>
    public bool EndsInFailure { get; private init; }

    public static ArcChain Read(SignedMessage message)
    {
        // One more than a chain may have is enough to see that it has too many.
        var results = message.Named("ARC-Authentication-Results", MaxSets + 1);
        var signatures = message.Named("ARC-Message-Signature", MaxSets + 1);
        var seals = message.Named("ARC-Seal", MaxSets + 1);
        var count = Math.Max(results.Count, Math.Max(signatures.Count, seals.Count));
        if (count == 0)
            return new ArcChain([], null);
        var highest = 0;
        var sets = new ArcSetFields?[MaxSets + 1];
        string? defect = count > MaxSets ? "more than 50 sets" : null;

        foreach (var index in results)
            Take(index, ArcResultsField.Instance(message.Value(index)), s => s.ResultsIndex, (s, i) => s.ResultsIndex = i, "ARC-Authentication-Results");
        foreach (var index in signatures)
        {
            var field = SignatureField.Parse(message.Value(index), SignatureKind.ArcMessage);
            if (Take(index, Instance(field), s => s.MessageSignatureIndex, (s, i) => s.MessageSignatureIndex = i, "ARC-Message-Signature") is not { } set)
                continue;
            set.MessageSignature = field;
            if (field.Defect is not null)
                defect ??= $"message signature {set.Instance}: {field.Defect}";
        }

        foreach (var index in seals)
        {
            var field = SignatureField.Parse(message.Value(index), SignatureKind.ArcSeal);
            if (Take(index, Instance(field), s => s.SealIndex, (s, i) => s.SealIndex = i, "ARC-Seal") is not { } set)
                continue;
            set.Seal = field;
            if (field.Defect is not null)
                defect ??= $"seal {set.Instance}: {field.Defect}";
        }

        var endsInFailure = highest > 0 && sets[highest]!.SealIndex >= 0 && sets[highest]!.ChainValidation == "fail";
        var chain = new List<ArcSetFields>();
        for (var i = 1; i <= highest; i++)
        {
            if (sets[i] is not { IsComplete: true } set)
                return new ArcChain([], defect ?? $"set {i} is not complete") { HighestInstance = highest, EndsInFailure = endsInFailure };
            chain.Add(set);
        }

        return new ArcChain(chain, defect ?? ChainDefect(chain)) { HighestInstance = highest, EndsInFailure = endsInFailure };

        ArcSetFields? Take(int index, int? instance, Func<ArcSetFields, int> get, Action<ArcSetFields, int> put, string name)
        {
            if (instance is not { } number)
            {
                defect ??= $"{name} without an instance";
                return null;
            }

            if (message.Field(index).Length > MaxFieldLength)
                defect ??= $"{name} {number} is too long";
            highest = Math.Max(highest, number);
            var set = sets[number] ??= new ArcSetFields(number);
            if (get(set) >= 0)
            {
                defect ??= $"two {name} fields {number}";
                return null;
            }

            put(set, index);
            return set;
        }
    }

    /// <summary>§5.1.1: a seal covers all sets up to its own, in order, its own b= empty.</summary>
    public byte[] SealHash(SignedMessage message, int position)
    {
        var seal = Sets[position].Seal;
        using var hasher = new CanonicalHasher(seal.Algorithm.Hash());
        CanonicalSink sink = hasher.Append;
        for (var i = 0; i < position; i++)
            AppendSet(message, Sets[i], sink);
        AppendUnsealed(message, Sets[position], sink);
        SignedMessage.AppendUnsigned(message.Field(Sets[position].SealIndex), seal, sink);
        return hasher.Finish();
    }

    public static void AppendSet(SignedMessage message, ArcSetFields set, CanonicalSink sink)
    {
        AppendUnsealed(message, set, sink);
        Canonicalization.Header(message.Field(set.SealIndex), CanonicalizationAlgorithm.Relaxed, sink);
    }

    private static void AppendUnsealed(SignedMessage message, ArcSetFields set, CanonicalSink sink)
    {
        Canonicalization.Header(message.Field(set.ResultsIndex), CanonicalizationAlgorithm.Relaxed, sink);
        Canonicalization.Header(message.Field(set.MessageSignatureIndex), CanonicalizationAlgorithm.Relaxed, sink);
    }

    /// <summary>§5.2 steps 2 and 3: the newest seal must not say fail; the first says none, all others pass.</summary>
    private static string? ChainDefect(List<ArcSetFields> chain)
    {
        if (chain[^1].ChainValidation == "fail")
            return $"seal {chain.Count} says cv=fail";
        foreach (var set in chain)
        {
            if (set.ChainValidation != (set.Instance == 1 ? "none" : "pass"))
                return $"seal {set.Instance} has a cv= out of place";
        }

        return null;
    }

    private static int? Instance(SignatureField field) => ArcResultsField.Number(field.Tags["i"] ?? "");
}

/// <summary>The three fields of one instance: where they stand, and what they say.</summary>
internal sealed class ArcSetFields(int instance)
{
    public int Instance { get; } = instance;

    public int ResultsIndex { get; set; } = -1;

    public int MessageSignatureIndex { get; set; } = -1;

    public int SealIndex { get; set; } = -1;

    public SignatureField MessageSignature { get; set; } = null!;

    public SignatureField Seal { get; set; } = null!;

    public bool IsComplete => ResultsIndex >= 0 && MessageSignatureIndex >= 0 && SealIndex >= 0;

    public string ChainValidation => Seal.Tags["cv"] ?? "";

    public ArcSet Describe(SignedMessage message) => new(
        Instance, Seal.Domain, Seal.Selector, ChainValidation, ArcResultsField.Results(message.Value(ResultsIndex)));
}

/// <summary>ARC-Authentication-Results (RFC 8617 §4.1.1): <c>i=</c>, a semicolon, and what RFC 8601 says.</summary>
internal static class ArcResultsField
{
    /// <summary>The instance that the value begins with; null when it does not.</summary>
    public static int? Instance(ReadOnlySpan<byte> value)
    {
        var end = value.IndexOf((byte)';');
        if (end < 0)
            return null;
        var tag = value[..end];
        var equals = tag.IndexOf((byte)'=');
        return equals >= 0 && tag[..equals].Trim(" \t\r\n"u8).SequenceEqual("i"u8)
            ? Number(Encoding.ASCII.GetString(tag[(equals + 1)..].Trim(" \t\r\n"u8)))
            : null;
    }

    /// <summary>What follows the instance, on one line.</summary>
    public static string Results(ReadOnlySpan<byte> value)
    {
        var text = Encoding.UTF8.GetString(value[(value.IndexOf((byte)';') + 1)..]);
        return string.Join(' ', text.Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>§4.2.1: 1 to 50.</summary>
    public static int? Number(string text) =>
        text.Length is 1 or 2
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number is >= 1 and <= ArcChain.MaxSets
            ? number
            : null;
}
