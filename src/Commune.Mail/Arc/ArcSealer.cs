using System.Text;
using Commune.Mail.Dkim;

namespace Commune.Mail.Arc;

/// <summary>Adds an ARC set to a message that is handed on (RFC 8617 §5.1).</summary>
public static class ArcSealer
{
    private const int FoldAt = 76;

    /// <summary>Seals a message as it leaves: after every change to it, and after the new DKIM signature if any.</summary>
    /// <param name="message">CRLF line ends, before dot-stuffing.</param>
    /// <param name="authResultsText">The results without the authserv-id: <c>AuthenticationResultsHeader.Results</c>.
    /// An <c>arc=…</c> that tells <paramref name="cv"/> belongs in it (§4.1.1).</param>
    /// <param name="cv">What <see cref="ArcVerifier"/> said when the message came in.</param>
    /// <param name="signedFields">The h= of the message signature; null for what a DKIM signature of ours would sign,
    /// as far as it is there, and the DKIM signatures.</param>
    /// <returns>ARC-Seal, ARC-Message-Signature and ARC-Authentication-Results, folded, each with its CRLF, to be put in
    /// front of the message. Empty when the chain takes no more: it has 50 sets, or its end says that it failed
    /// (§5.1 step 2).</returns>
    public static byte[] Seal(
        ReadOnlyMemory<byte> message,
        DkimSigningKey key,
        string authservId,
        string authResultsText,
        ArcVerdict cv,
        DateTimeOffset now,
        IReadOnlyList<string>? signedFields = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        var signed = new SignedMessage(message);
        var chain = ArcChain.Read(signed);
        var instance = chain.HighestInstance + 1;
        if (instance > ArcChain.MaxSets || chain.EndsInFailure)
            return [];

        var isWhole = chain.Defect is null && chain.Sets.Count == chain.HighestInstance;
        // A chain can't begin twice, nor pass with a hole in it.
        var status = !isWhole || (instance > 1 && cv == ArcVerdict.None) || (instance == 1 && cv == ArcVerdict.Pass) ? ArcVerdict.Fail : cv;
        var results = ResultsField(instance, authservId, authResultsText);
        var signature = MessageSignature(signed, key, instance, now, signedFields ?? DkimSigner.PresentFields(signed));
        var seal = Seal(signed, chain, key, instance, now, status, results, signature);
        return [.. seal, .. signature, .. results];
    }

    private static byte[] MessageSignature(SignedMessage message, DkimSigningKey key, int instance, DateTimeOffset now, IReadOnlyList<string> names)
    {
        using var hasher = new CanonicalHasher(key.Algorithm.Hash());
        CanonicalSink sink = hasher.Append;
        message.AppendBody(CanonicalizationAlgorithm.Relaxed, sink);
        var bodyHash = Convert.ToBase64String(hasher.Finish());
        message.AppendFields(names, CanonicalizationAlgorithm.Relaxed, self: -1, sink);
        var tags = new FoldedTags("ARC-Message-Signature")
            .Add("a", key.Algorithm.ToTag()).AddSignature().Add("bh", bodyHash).Add("c", "relaxed/relaxed")
            .Add("d", key.Domain).AddList("h", names).Add("i", $"{instance}").Add("s", key.Selector)
            .Add("t", $"{now.ToUnixTimeSeconds()}");
        Canonicalization.HeaderWithoutEnd(tags.Unsigned(), CanonicalizationAlgorithm.Relaxed, sink);
        return tags.Signed(key.SignHash(hasher.Finish()), folds: false);
    }

    private static byte[] Seal(
        SignedMessage message, ArcChain chain, DkimSigningKey key, int instance, DateTimeOffset now, ArcVerdict status, byte[] results, byte[] signature)
    {
        using var hasher = new CanonicalHasher(key.Algorithm.Hash());
        CanonicalSink sink = hasher.Append;
        // §5.1.2: the seal on a chain that failed covers its own set only, for the rest may be anything.
        if (status != ArcVerdict.Fail)
        {
            foreach (var set in chain.Sets)
                ArcChain.AppendSet(message, set, sink);
        }

        Canonicalization.Header(results, CanonicalizationAlgorithm.Relaxed, sink);
        Canonicalization.Header(signature, CanonicalizationAlgorithm.Relaxed, sink);
        var tags = new FoldedTags("ARC-Seal")
            .Add("a", key.Algorithm.ToTag()).AddSignature().Add("cv", status.ToWord()).Add("d", key.Domain)
            .Add("i", $"{instance}").Add("s", key.Selector).Add("t", $"{now.ToUnixTimeSeconds()}");
        Canonicalization.HeaderWithoutEnd(tags.Unsigned(), CanonicalizationAlgorithm.Relaxed, sink);
        return tags.Signed(key.SignHash(hasher.Finish()), folds: false);
    }

    /// <summary>§4.1.1. Line ends in the text become spaces, so that it can't begin a field of its own.</summary>
    private static byte[] ResultsField(int instance, string authservId, string text)
    {
        var field = new StringBuilder("ARC-Authentication-Results: i=").Append(instance).Append(';');
        var column = field.Length;
        foreach (var word in $"{authservId}; {text}".Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (column + 1 + word.Length > FoldAt)
            {
                field.Append("\r\n\t");
                column = 0;
            }
            else
            {
                field.Append(' ');
            }

            field.Append(word);
            column += 1 + word.Length;
        }

        return Encoding.UTF8.GetBytes(field.Append("\r\n").ToString());
    }
}
