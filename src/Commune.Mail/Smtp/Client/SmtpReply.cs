using System.Text;

namespace Commune.Mail.Smtp.Client;

/// <summary>A complete reply (RFC 5321 §4.2). The enhanced status code (RFC 2034) is taken off the lines.</summary>
internal sealed record SmtpReply(int Code, string? EnhancedCode, IReadOnlyList<string> Lines)
{
    public bool IsPositive => Code is >= 200 and < 300;

    public bool IsPermanent => Code >= 500;

    /// <summary>RFC 5321 §3.8: the server closes the connection after it, whatever it answered.</summary>
    public bool ClosesConnection => Code == 421;

    public string Text => string.Join(' ', Lines.Where(line => line.Length > 0));

    public override string ToString() => EnhancedCode is null ? $"{Code} {Text}" : $"{Code} {EnhancedCode} {Text}";
}

internal enum SmtpReplyState
{
    Incomplete,
    Complete,
    Malformed,
}

/// <summary>Puts a reply together, line by line. Bounded: a server cannot make it hold more than
/// <see cref="MaxLines"/> lines of <see cref="MaxLineLength"/> octets.</summary>
internal sealed class SmtpReplyReader
{
    /// <summary>RFC 5321 §4.5.3.1.5 gives 512 octets; some servers write more.</summary>
    public const int MaxLineLength = 2048;

    public const int MaxLines = 128;

    private readonly List<string> _lines = [];
    private int _code;
    private string? _enhancedCode;

    /// <summary>The whole reply, once <see cref="Add"/> said <see cref="SmtpReplyState.Complete"/>.</summary>
    public SmtpReply Reply => new(_code, _enhancedCode, _lines);

    /// <param name="line">Without its line end.</param>
    public SmtpReplyState Add(ReadOnlySpan<byte> line)
    {
        if (line.Length is < 3 or > MaxLineLength || _lines.Count == MaxLines)
            return SmtpReplyState.Malformed;
        if (line[0] is < (byte)'2' or > (byte)'5' || !IsDigit(line[1]) || !IsDigit(line[2]))
            return SmtpReplyState.Malformed;
        var code = ((line[0] - '0') * 100) + ((line[1] - '0') * 10) + (line[2] - '0');
        // §4.2.1: every line of a reply has the same code.
        if (_lines.Count > 0 && code != _code)
            return SmtpReplyState.Malformed;
        if (line.Length > 3 && line[3] is not ((byte)' ' or (byte)'-'))
            return SmtpReplyState.Malformed;

        _code = code;
        var text = line.Length > 4 ? line[4..] : [];
        var enhanced = EnhancedCodeLength(text, line[0]);
        if (enhanced > 0)
        {
            _enhancedCode ??= Encoding.ASCII.GetString(text[..enhanced]);
            text = text[enhanced..];
        }

        _lines.Add(Printable(text));
        return line.Length > 3 && line[3] == (byte)'-' ? SmtpReplyState.Incomplete : SmtpReplyState.Complete;
    }

    /// <summary>RFC 2034 §4: <c>class.subject.detail</c> at the start of the text, its class the first digit of the
    /// reply code. Zero when there is none.</summary>
    private static int EnhancedCodeLength(ReadOnlySpan<byte> text, byte firstDigit)
    {
        if (text.Length < 5 || firstDigit == (byte)'3' || text[0] != firstDigit || text[1] != (byte)'.')
            return 0;
        var subject = DigitsAt(text, 2);
        var dot = 2 + subject;
        if (subject is 0 or > 3 || dot >= text.Length || text[dot] != (byte)'.')
            return 0;
        var detail = DigitsAt(text, dot + 1);
        var end = dot + 1 + detail;
        return detail is > 0 and <= 3 && (end == text.Length || text[end] == (byte)' ') ? end : 0;
    }

    private static int DigitsAt(ReadOnlySpan<byte> text, int start)
    {
        var digits = text[start..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return digits < 0 ? text.Length - start : digits;
    }

    private static bool IsDigit(byte octet) => octet is >= (byte)'0' and <= (byte)'9';

    // The text goes into logs, events and bounces: no control characters.
    private static string Printable(ReadOnlySpan<byte> text)
    {
        var line = Encoding.UTF8.GetString(text);
        return (line.Any(char.IsControl) ? string.Concat(line.Select(c => char.IsControl(c) ? ' ' : c)) : line).Trim();
    }
}
