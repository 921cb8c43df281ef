namespace Commune.Mail.Dkim;

/// <summary>Body canonicalization (RFC 6376 §3.4.3, §3.4.4), in one pass over pieces of any size and without holding
/// any of the body. Call <see cref="Append"/> for each piece, then <see cref="Finish"/> once.</summary>
public sealed class BodyCanonicalizer(CanonicalizationAlgorithm algorithm, CanonicalSink sink)
{
    private readonly bool _relaxed = algorithm == CanonicalizationAlgorithm.Relaxed;
    private long _pendingLineEnds;
    private bool _pendingSpace;
    private bool _pendingReturn;
    private bool _wroteAnything;

    public void Append(ReadOnlySpan<byte> piece)
    {
        while (piece.Length > 0)
        {
            if (_pendingReturn)
            {
                _pendingReturn = false;
                if (piece[0] == (byte)'\n')
                {
                    // Held back: empty lines at the end of the body are ignored, white space at the end of a line too.
                    _pendingLineEnds++;
                    _pendingSpace = false;
                    piece = piece[1..];
                    continue;
                }

                // A CR that ends no line is content.
                Write("\r"u8);
            }

            var run = _relaxed ? RunLength(piece) : piece.IndexOf((byte)'\r');
            if (run < 0)
                run = piece.Length;
            if (run > 0)
            {
                Write(piece[..run]);
                piece = piece[run..];
            }
            else
            {
                if (piece[0] == (byte)'\r')
                    _pendingReturn = true;
                else
                    _pendingSpace = true;
                piece = piece[1..];
            }
        }
    }

    public void Finish()
    {
        if (_pendingReturn)
            Write("\r"u8);
        // §3.4.3: an empty body becomes one CRLF; §3.4.4: it stays empty. Any other body ends with exactly one CRLF.
        if (_wroteAnything || !_relaxed)
            sink("\r\n"u8);
    }

    /// <summary>How far the text is its own canonical form: single spaces between words are.</summary>
    private static int RunLength(ReadOnlySpan<byte> piece)
    {
        // Most lines have nothing to change, which is told at once. Of a long one not more than this is looked at again and again.
        const int LookedAt = 256;
        var ahead = piece[..Math.Min(piece.Length, LookedAt)];
        var end = ahead.IndexOf((byte)'\r');
        var line = end < 0 ? ahead : ahead[..end];
        if (line.Length > 0 && line[0] != (byte)' ' && line[^1] != (byte)' ' && line.IndexOf((byte)'\t') < 0 && line.IndexOf("  "u8) < 0)
            return line.Length;

        var at = 0;
        while (true)
        {
            var stop = piece[at..].IndexOfAny("\r \t"u8);
            if (stop < 0)
                return piece.Length;
            stop += at;
            if (stop == 0 || piece[stop] != (byte)' ' || stop + 1 == piece.Length || piece[stop + 1] is (byte)' ' or (byte)'\t' or (byte)'\r')
                return stop;
            at = stop + 1;
        }
    }

    private void Write(ReadOnlySpan<byte> content)
    {
        for (; _pendingLineEnds > 0; _pendingLineEnds--)
            sink("\r\n"u8);
        if (_pendingSpace)
            sink(" "u8);
        _pendingSpace = false;
        _wroteAnything = true;
        sink(content);
    }
}
