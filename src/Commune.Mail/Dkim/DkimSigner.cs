using System.Security.Cryptography;
using System.Text;

namespace Commune.Mail.Dkim;

/// <summary>DKIM signatures (RFC 6376): rsa-sha256, relaxed/relaxed, the whole body.</summary>
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

    private const int FoldAt = 72;

    /// <summary>Signs a message.</summary>
    /// <param name="message">The message as it goes onto the wire: CRLF line ends, before dot-stuffing.</param>
    /// <param name="now">The t= tag, in whole seconds.</param>
    /// <returns>The complete, folded <c>DKIM-Signature</c> field with its final CRLF, to be put in front of the
    /// message.</returns>
    public static byte[] Sign(ReadOnlySpan<byte> message, DkimSigningKey key, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(key);
        var fields = HeaderFieldList.Read(message);
        var bodyHash = HashBody(message[fields.BodyStart..]);

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        CanonicalSink sink = hash.AppendData;
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

        var unsigned = Unsigned(key, now, names, bodyHash);
        HashSignatureField(unsigned, sink);
        var signature = Convert.ToBase64String(key.SignHash(hash.GetHashAndReset()));
        return Encoding.ASCII.GetBytes(unsigned + FoldSignature(signature) + "\r\n");
    }

    private static string HashBody(ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var canonicalizer = new BodyCanonicalizer(CanonicalizationAlgorithm.Relaxed, hash.AppendData);
        canonicalizer.Append(body);
        canonicalizer.Finish();
        return Convert.ToBase64String(hash.GetHashAndReset());
    }

    /// <summary>§3.7: the signature field itself comes last, with an empty b= and without its CRLF.</summary>
    private static void HashSignatureField(string unsigned, CanonicalSink sink)
    {
        var canonical = new MemoryStream();
        Canonicalization.Header(Encoding.ASCII.GetBytes(unsigned), CanonicalizationAlgorithm.Relaxed, canonical.Write);
        sink(canonical.GetBuffer().AsSpan(0, (int)canonical.Length - 2));
    }

    private static string Unsigned(DkimSigningKey key, DateTimeOffset now, List<string> names, string bodyHash)
    {
        var text = new StringBuilder("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n\t");
        text.Append($"d={key.Domain}; s={key.Selector}; t={now.ToUnixTimeSeconds()};\r\n\th=");
        var column = 3;
        for (var i = 0; i < names.Count; i++)
        {
            // §3.5: white space may stand around each colon of h=.
            if (column + names[i].Length + 1 > FoldAt)
            {
                text.Append("\r\n\t ");
                column = 2;
            }

            text.Append(names[i]).Append(i < names.Count - 1 ? ':' : ';');
            column += names[i].Length + 1;
        }

        return text.Append($"\r\n\tbh={bodyHash};\r\n\tb=").ToString();
    }

    private static string FoldSignature(string base64)
    {
        var text = new StringBuilder();
        for (var i = 0; i < base64.Length; i += FoldAt)
        {
            if (i > 0)
                text.Append("\r\n\t ");
            text.Append(base64.AsSpan(i, Math.Min(FoldAt, base64.Length - i)));
        }

        return text.ToString();
    }
}
