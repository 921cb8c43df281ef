namespace Commune.Mail.Dkim;

/// <summary>DKIM signatures (RFC 6376, RFC 8463): relaxed/relaxed, the whole body, by the algorithm of the key. To sign
/// with two keys, sign the same message twice and put both fields in front of it.</summary>
public static class DkimSigner
{
    // RFC 6376 §5.4.1: what a reader sees or a client acts on. A field with several instances is signed in all of them.
    private static readonly string[] SignedFields =
    [
        "From", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Reply-To", "MIME-Version",
        "Content-Type", "Content-Transfer-Encoding", "List-Unsubscribe", "List-Unsubscribe-Post",
    ];

    // §8.15: named once more than present, so that nobody can put another one on top of a signed message.
    private static readonly HashSet<string> OversignedFields =
        ["From", "To", "Cc", "Subject", "Date", "Message-ID", "Reply-To"];

    /// <summary>Signs a message.</summary>
    /// <param name="message">The message as it goes onto the wire: CRLF line ends, before dot-stuffing.</param>
    /// <param name="now">The t= tag, in whole seconds.</param>
    /// <returns>The complete, folded <c>DKIM-Signature</c> field with its final CRLF, to be put in front of the
    /// message.</returns>
    public static byte[] Sign(ReadOnlySpan<byte> message, DkimSigningKey key, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(key);
        var fields = HeaderFieldList.Read(message);
        using var hasher = new CanonicalHasher(key.Algorithm.Hash());
        CanonicalSink sink = hasher.Append;
        var canonicalizer = new BodyCanonicalizer(CanonicalizationAlgorithm.Relaxed, sink);
        canonicalizer.Append(message[fields.BodyStart..]);
        canonicalizer.Finish();
        var bodyHash = Convert.ToBase64String(hasher.Finish());

        var names = new List<string>();
        foreach (var name in SignedFields)
        {
            for (var i = fields.Count - 1; i >= 0; i--)
            {
                if (!fields.IsNamed(message, i, name))
                    continue;
                Canonicalization.Header(fields.Field(message, i), CanonicalizationAlgorithm.Relaxed, sink);
                names.Add(name);
            }

            // Counting past the last instance means "there is none", and adds nothing to the hash (§5.4.2).
            if (OversignedFields.Contains(name))
                names.Add(name);
        }

        var tags = new FoldedTags("DKIM-Signature")
            .Add("v", "1").Add("a", key.Algorithm.ToTag()).Add("c", "relaxed/relaxed")
            .Add("d", key.Domain).Add("s", key.Selector).Add("t", $"{now.ToUnixTimeSeconds()}")
            .AddList("h", names).Add("bh", bodyHash).AddSignature();
        // §3.7: the signature field itself comes last.
        Canonicalization.HeaderWithoutEnd(tags.Unsigned(), CanonicalizationAlgorithm.Relaxed, sink);
        return tags.Signed(key.SignHash(hasher.Finish()));
    }

    /// <summary>The names for the h= of a message signature that vouches for what is there (RFC 8617 §4.1.2): each field
    /// as often as it is present, and the signatures of those before us.</summary>
    internal static List<string> PresentFields(SignedMessage message)
    {
        var names = new List<string>();
        foreach (var name in SignedFields.Append("DKIM-Signature"))
            names.AddRange(Enumerable.Repeat(name, message.Named(name, MaxInstances).Count));
        return names;
    }

    private const int MaxInstances = 20;
}
