using System.Text;

namespace Commune.Mail.Dkim;

/// <summary>Writes a tag list as a folded header field. It breaks before tags, and inside h= and b=, where white space
/// means nothing.</summary>
internal sealed class FoldedTags
{
    private const int FoldAt = 72;

    private readonly StringBuilder _text;
    private int _column;
    private int _signatureAt = -1;

    public FoldedTags(string fieldName)
    {
        _text = new StringBuilder(fieldName).Append(':');
        _column = _text.Length;
    }

    public FoldedTags Add(string name, string value)
    {
        Begin(name.Length + 1 + value.Length + 1);
        _text.Append(name).Append('=').Append(value).Append(';');
        return this;
    }

    /// <summary>b=, empty until the field is <see cref="Signed"/>.</summary>
    public FoldedTags AddSignature()
    {
        Begin(FoldAt);
        _text.Append("b=");
        _signatureAt = _text.Length;
        _text.Append(';');
        return this;
    }

    /// <summary>h=: white space may stand around each colon (RFC 6376 §3.5).</summary>
    public FoldedTags AddList(string name, IReadOnlyList<string> words)
    {
        Begin(name.Length + words.Sum(w => w.Length + 1) + 1);
        _text.Append(name).Append('=');
        _column = name.Length + 2;
        for (var i = 0; i < words.Count; i++)
        {
            if (_column + words[i].Length + 1 > FoldAt)
            {
                _text.Append("\r\n\t ");
                _column = 2;
            }

            _text.Append(words[i]).Append(i < words.Count - 1 ? ':' : ';');
            _column += words[i].Length + 1;
        }

        return this;
    }

    /// <summary>The field with an empty b=, without CRLF: what is hashed.</summary>
    public byte[] Unsigned() => Encoding.ASCII.GetBytes(_text.ToString().TrimEnd(';'));

    /// <summary>The field, with its final CRLF.</summary>
    /// <param name="folds">False for a field that another signature covers: there a relay that folds base64 anew would
    /// change its canonical form. Unfolded, 4096 bits are still within the 998 octets of RFC 5322 §2.1.1.</param>
    public byte[] Signed(byte[] signature, bool folds = true)
    {
        var base64 = Convert.ToBase64String(signature);
        var width = folds ? FoldAt : base64.Length;
        var folded = new StringBuilder();
        for (var i = 0; i < base64.Length; i += width)
        {
            if (i > 0)
                folded.Append("\r\n\t ");
            folded.Append(base64.AsSpan(i, Math.Min(width, base64.Length - i)));
        }

        var text = _text.ToString().TrimEnd(';');
        return Encoding.ASCII.GetBytes($"{text[.._signatureAt]}{folded}{text[_signatureAt..]}\r\n");
    }

    private void Begin(int length)
    {
        if (_column + 1 + length > FoldAt)
        {
            _text.Append("\r\n\t");
            _column = 1;
        }
        else
        {
            _text.Append(' ');
            _column++;
        }

        _column += length;
    }
}
