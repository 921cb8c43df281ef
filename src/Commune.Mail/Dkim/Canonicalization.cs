namespace Commune.Mail.Dkim;

/// <summary>RFC 6376 §3.4.</summary>
public enum CanonicalizationAlgorithm
{
    Simple,
    Relaxed,
}

/// <summary>Takes canonical octets in order: a hash, or a buffer.</summary>
public delegate void CanonicalSink(ReadOnlySpan<byte> octets);

/// <summary>Header canonicalization (RFC 6376 §3.4.1, §3.4.2). Bodies: <see cref="BodyCanonicalizer"/>.</summary>
public static class Canonicalization
{
    /// <summary>Writes one header field in canonical form. <paramref name="field"/> is the whole field, folding
    /// included, with or without its final CRLF; exactly one CRLF ends the result.</summary>
    public static void Header(ReadOnlySpan<byte> field, CanonicalizationAlgorithm algorithm, CanonicalSink sink)
    {
        HeaderWithoutEnd(field, algorithm, sink);
        sink("\r\n"u8);
    }

    /// <summary>The same without the CRLF, as the signature field itself is hashed (RFC 6376 §3.7).</summary>
    internal static void HeaderWithoutEnd(ReadOnlySpan<byte> field, CanonicalizationAlgorithm algorithm, CanonicalSink sink)
    {
        if (field.EndsWith("\r\n"u8))
            field = field[..^2];
        if (algorithm == CanonicalizationAlgorithm.Relaxed)
            Relaxed(field, sink);
        else
            sink(field);
    }

    private static void Relaxed(ReadOnlySpan<byte> field, CanonicalSink sink)
    {
        var colon = field.IndexOf((byte)':');
        var name = (colon < 0 ? field : field[..colon]).TrimEnd(" \t\r\n"u8);
        Span<byte> lower = name.Length <= 128 ? stackalloc byte[name.Length] : new byte[name.Length];
        System.Text.Ascii.ToLower(name, lower, out var written);
        // A name with octets beyond ASCII is no field name; it is taken as it is.
        sink(written == name.Length ? lower : name);
        sink(":"u8);
        if (colon < 0)
            return;

        // Unfolding removes CRLF only; the white space after it stays and is collapsed like any other.
        var value = field[(colon + 1)..].Trim(" \t\r\n"u8);
        while (value.Length > 0)
        {
            var run = value.IndexOfAny(" \t\r\n"u8);
            if (run < 0)
            {
                sink(value);
                return;
            }

            sink(value[..run]);
            value = value[run..];
            var gap = value.IndexOfAnyExcept(" \t\r\n"u8);
            if (value[..gap].ContainsAny(" \t"u8))
                sink(" "u8);
            value = value[gap..];
        }
    }
}
