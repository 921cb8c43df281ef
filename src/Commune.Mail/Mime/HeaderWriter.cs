using System.Text;
using Commune.Mail.Addresses;

namespace Commune.Mail.Mime;

/// <summary>Writes header fields folded at 78 columns (RFC 5322 §2.1.1), Unicode as encoded words (RFC 2047).</summary>
internal sealed class HeaderWriter
{
    private const int Width = 78;
    private const int LongestLine = 998;

    private readonly StringBuilder _header = new();
    private int _column;

    public void WriteTo(PooledBuffer output) => output.WriteUtf8(_header.ToString());

    public override string ToString() => _header.ToString();

    public void Date(DateTimeOffset date)
    {
        Start("Date");
        Word(MailDate.Format(date));
        End();
    }

    public void Addresses(string name, IReadOnlyList<Mailbox> mailboxes)
    {
        if (mailboxes.Count == 0)
            return;
        Start(name);
        for (var i = 0; i < mailboxes.Count; i++)
        {
            var mailbox = mailboxes[i];
            var address = Plain($"{mailbox.LocalPart}@{mailbox.AsciiDomain}", space: false);
            if (!string.IsNullOrWhiteSpace(mailbox.DisplayName))
            {
                var display = Plain(mailbox.DisplayName, space: true).Trim();
                if (NeedsEncoding(display) || display.Length > Width - 10)
                {
                    foreach (var word in EncodedWordWriter.Encode(display))
                        Word(word);
                }
                else
                {
                    Word(Phrase.Quote(display));
                }
                address = $"<{address}>";
            }
            Word(i + 1 < mailboxes.Count ? address + "," : address);
        }
        End();
    }

    /// <summary>Words that are written as they are, one after the other.</summary>
    public void Tokens(string name, IReadOnlyList<string> tokens)
    {
        if (tokens.Count == 0)
            return;
        Start(name);
        foreach (var token in tokens)
        {
            if (token.Length < LongestLine)
                Word(Ascii(Plain(token, space: false)));
        }
        End();
    }

    public void Unstructured(string name, string text)
    {
        text = Plain(text, space: true).Trim();
        Start(name);
        var words = text.Split(' ');
        if (NeedsEncoding(text) || Array.Exists(words, word => word.Length > Width - name.Length - 3))
        {
            foreach (var word in EncodedWordWriter.Encode(text))
                Word(word);
        }
        else
        {
            foreach (var word in words)
                Word(word);
        }
        End();
    }

    /// <summary>A field the caller asked for. ASCII is left as it is, since many such fields have a syntax of their own.</summary>
    public void Extra(string name, string value)
    {
        value = Plain(value, space: true).Trim();
        if (!System.Text.Ascii.IsValid(value) || value.Split(' ').Any(word => word.Length > LongestLine - 4 - name.Length))
        {
            Unstructured(name, value);
            return;
        }
        Start(name);
        foreach (var word in value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            Word(word);
        End();
    }

    /// <summary>A value and its parameters; each parameter is already written in full.</summary>
    public void Structured(string name, string value, IEnumerable<string> parameters)
    {
        Start(name);
        var previous = value;
        foreach (var parameter in parameters)
        {
            Word(previous + ";");
            previous = parameter;
        }
        Word(previous);
        End();
    }

    private void Start(string name)
    {
        _header.Append(name).Append(':');
        _column = name.Length + 1;
    }

    /// <summary>The space before a word is where a line may be folded; an empty word never stands on a line alone.</summary>
    private void Word(string word)
    {
        if (_column + 1 + word.Length > Width && word.Length > 0)
        {
            _header.Append("\r\n");
            _column = 0;
        }
        _header.Append(' ').Append(word);
        _column += 1 + word.Length;
    }

    private void End() => _header.Append("\r\n");

    private static bool NeedsEncoding(string text) =>
        !System.Text.Ascii.IsValid(text) || text.Contains("=?", StringComparison.Ordinal) || text.Contains("  ", StringComparison.Ordinal);

    /// <summary>Without control characters: nothing a caller gives can start a line of its own.</summary>
    internal static string Plain(string text, bool space)
    {
        // Control characters are U+0000 to U+001F and U+007F to U+009F.
        if (!text.AsSpan().ContainsAnyInRange('\0', '\u001F') && !text.AsSpan().ContainsAnyInRange('\u007F', '\u009F') && !Charsets.NeedsCleaning(text))
            return text;
        var plain = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (!char.IsControl(c))
                plain.Append(c);
            else if (space && c is '\n' or '\t')
                plain.Append(' ');
        }
        return Charsets.Clean(plain.ToString());
    }

    private static string Ascii(string text) =>
        System.Text.Ascii.IsValid(text) ? text : string.Concat(text.Where(char.IsAscii));
}
