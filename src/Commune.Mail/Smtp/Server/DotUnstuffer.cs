namespace Commune.Mail.Smtp.Server;

/// <summary>
/// Takes the transparency of DATA off (RFC 5321 §4.5.2): a dot that begins a line is deleted, and a line that is only a dot
/// ends the mail. That is CRLF . CRLF and nothing else (§4.1.1.4), whatever bare CR or LF stand around it.
/// </summary>
internal struct DotUnstuffer()
{
    private LineScanner _lines = LineScanner.AtBodyStart;
    private Behind _behind;

    private enum Behind
    {
        Text,
        LeadingDot,
        LeadingDotCr,
    }

    /// <summary>The end of mail has been read.</summary>
    public bool Ended { get; private set; }

    public readonly bool SawBareLineEnd => _lines.SawBareLineEnd;

    /// <summary>
    /// Reads from the piece into the body, which must have room for one octet more than the piece holds
    /// (a CR may have been held back). Returns the octets read: all of them unless the mail ended.
    /// </summary>
    public int Read(ReadOnlySpan<byte> piece, BodyBuffer body)
    {
        var read = 0;
        while (read < piece.Length)
        {
            if (_behind == Behind.LeadingDot)
            {
                if (piece[read] == '\r')
                {
                    _behind = Behind.LeadingDotCr;
                    read++;
                    continue;
                }

                _behind = Behind.Text;
            }
            else if (_behind == Behind.LeadingDotCr)
            {
                if (piece[read] == '\n')
                {
                    Ended = true;
                    return read + 1;
                }

                // Not the end: the dot is gone, the CR stays, and the scanner finds that it is bare.
                body.Append("\r"u8);
                _lines.AcceptCr();
                _behind = Behind.Text;
            }

            var rest = piece[read..];
            var text = _lines.ScanToLeadingDot(rest);
            body.Append(rest[..text]);
            read += text;
            if (text < rest.Length)
            {
                _behind = Behind.LeadingDot;
                read++;
            }
        }

        return read;
    }
}
