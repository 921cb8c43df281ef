using System.Buffers;
using System.Text;

namespace Commune.Mail.Smtp;

/// <summary>
/// A server's answer to one command: a code, an enhanced status code where RFC 2034 wants one, and one or more lines of text.
/// A reply cannot carry CR, LF or another control character, so nothing that is quoted in one can forge a second reply.
/// </summary>
public sealed partial class SmtpReply
{
    // RFC 5321 §4.5.3.1.5: a reply line is at most 512 octets with code and CRLF.
    // "250-", "5.999.999 " and CRLF leave 496.
    private const int MaxTextPerLine = 496;

    private static readonly SearchValues<char> ControlCharacters = SearchValues.Create(
        string.Concat(Enumerable.Range(0, 32).Select(c => (char)c)) + "\u007F\u0085\u2028\u2029");

    private readonly string[] _lines;
    private byte[]? _wire;

    /// <exception cref="ArgumentException">The code is no SMTP reply code, the enhanced code is of another class, or the text holds a control character.</exception>
    public SmtpReply(int code, EnhancedStatusCode? enhanced, string text) : this(code, enhanced, [text])
    {
    }

    /// <inheritdoc cref="SmtpReply(int, EnhancedStatusCode?, string)"/>
    public SmtpReply(int code, EnhancedStatusCode? enhanced, params IReadOnlyList<string> lines)
    {
        // RFC 5321 §4.2: Reply-code = %x32-35 %x30-35 %x30-39.
        if (code is < 200 or > 559 || code / 10 % 10 > 5)
            throw new ArgumentOutOfRangeException(nameof(code), code, "Not an SMTP reply code");
        // RFC 2034 §4: the class of the status code is the first digit of the reply code.
        if (enhanced is { } status && status.Class != code / 100)
            throw new ArgumentException($"The enhanced code {status} does not belong to a {code} reply", nameof(enhanced));
        if (lines.Count == 0)
            throw new ArgumentException("A reply has at least one line", nameof(lines));
        Code = code;
        Enhanced = enhanced;
        _lines = Checked(lines);
    }

    /// <summary>The three-digit reply code.</summary>
    public int Code { get; }

    /// <summary>The RFC 3463 code; absent in the greeting, in answers to HELO and EHLO, and in 3xx replies.</summary>
    public EnhancedStatusCode? Enhanced { get; }

    /// <summary>The text, line by line, without codes.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>The text in one line.</summary>
    public string Text => _lines.Length == 1 ? _lines[0] : string.Join(' ', _lines);

    /// <summary>2xx: done.</summary>
    public bool IsPositive => Code is >= 200 and < 300;

    /// <summary>4xx: the client should try again later.</summary>
    public bool IsTransient => Code is >= 400 and < 500;

    /// <summary>5xx: the client should not try again.</summary>
    public bool IsPermanent => Code >= 500;

    /// <summary>Writes the reply as it goes over the wire, with CRLF after each line (RFC 5321 §4.2.1).</summary>
    /// <returns>Octets written.</returns>
    public int WriteTo(IBufferWriter<byte> output)
    {
        if (_wire is { } wire)
        {
            output.Write(wire);
            return wire.Length;
        }

        var written = 0;
        var prefix = Enhanced is { } status ? status.ToString() + " " : "";
        for (var i = 0; i < _lines.Length; i++)
        {
            var line = _lines[i];
            var span = output.GetSpan(4 + prefix.Length + line.Length + 2);
            span[0] = (byte)('0' + Code / 100);
            span[1] = (byte)('0' + Code / 10 % 10);
            span[2] = (byte)('0' + Code % 10);
            span[3] = i == _lines.Length - 1 ? (byte)' ' : (byte)'-';
            // Encoding.ASCII writes '?' for what is not ASCII: UTF-8 may be sent only to a client
            // that asked for it (RFC 6531 §3.7.4.2), and a reply does not know its client.
            var n = 4 + Encoding.ASCII.GetBytes(prefix, span[4..]);
            n += Encoding.ASCII.GetBytes(line, span[n..]);
            span[n++] = (byte)'\r';
            span[n++] = (byte)'\n';
            output.Advance(n);
            written += n;
        }

        return written;
    }

    /// <summary>The reply with codes, one line per line, as for a log: <c>550 5.1.1 No such user</c>.</summary>
    public override string ToString() => Enhanced is { } status ? $"{Code} {status} {Text}" : $"{Code} {Text}";

    // The replies that every session sends are rendered once.
    internal SmtpReply Rendered()
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        WriteTo(buffer);
        _wire = buffer.WrittenSpan.ToArray();
        return this;
    }

    private static string[] Checked(IReadOnlyList<string> lines)
    {
        var wrapped = new List<string>(lines.Count);
        foreach (var line in lines)
        {
            if (line.AsSpan().ContainsAny(ControlCharacters))
                throw new ArgumentException("The text of a reply holds no control characters", nameof(lines));
            var rest = line;
            while (rest.Length > MaxTextPerLine)
            {
                var cut = rest.LastIndexOf(' ', MaxTextPerLine - 1, MaxTextPerLine - 1);
                if (cut <= 0)
                    cut = MaxTextPerLine;
                wrapped.Add(rest[..cut]);
                rest = rest[cut..].TrimStart(' ');
            }

            wrapped.Add(rest);
        }

        return [.. wrapped];
    }
}
