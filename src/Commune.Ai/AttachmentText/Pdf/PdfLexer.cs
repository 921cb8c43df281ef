using System.Globalization;
using System.Text;

namespace Commune.Ai.AttachmentText.Pdf;

/// <summary>Bytes to objects (ISO 32000-1 §7.2, §7.3). Whatever the bytes are, each call moves on, and depth is bounded.</summary>
internal sealed class PdfLexer(ReadOnlyMemory<byte> bytes, ReadingBudget budget)
{
    private const int Deepest = 40;
    private const int LongestWord = 128;

    public int Position { get; set; }

    public ReadOnlyMemory<byte> Bytes => bytes;

    /// <summary>The next object; a keyword is one too. A delimiter that ends nothing is skipped.</summary>
    public PdfObject? Read() => Read(0);

    /// <summary>The same, with "12 0 R" as a reference: for everything but content streams.</summary>
    public PdfObject? ReadResolvable() => WithReference(Read(0, references: true));

    private PdfObject? Read(int depth, bool references = false)
    {
        while (budget.Spend())
        {
            SkipBlanks();
            var span = bytes.Span;
            if (Position >= span.Length)
                return PdfObject.End.Reached;
            switch (span[Position])
            {
                case (byte)'/':
                    Position++;
                    return ReadName();
                case (byte)'(':
                    Position++;
                    return ReadLiteral();
                case (byte)'<' when Position + 1 < span.Length && span[Position + 1] == '<':
                    Position += 2;
                    return depth < Deepest ? ReadDictionary(depth, references) : PdfObject.End.Reached;
                case (byte)'<':
                    Position++;
                    return ReadHex();
                case (byte)'[':
                    Position++;
                    return depth < Deepest ? ReadArray(depth, references) : PdfObject.End.Reached;
                case (byte)']':
                    Position++;
                    return new PdfObject.Keyword("]");
                case (byte)'>' when Position + 1 < span.Length && span[Position + 1] == '>':
                    Position += 2;
                    return new PdfObject.Keyword(">>");
                case (byte)')' or (byte)'>' or (byte)'{' or (byte)'}':
                    Position++;
                    continue;
                default:
                    return ReadWord();
            }
        }
        return PdfObject.End.Reached;
    }

    private void SkipBlanks()
    {
        var span = bytes.Span;
        while (Position < span.Length)
        {
            if (span[Position] == '%')
            {
                var end = span[Position..].IndexOfAny((byte)'\r', (byte)'\n');
                Position = end < 0 ? span.Length : Position + end;
            }
            else if (IsBlank(span[Position]))
            {
                Position++;
            }
            else
            {
                return;
            }
        }
    }

    public static bool IsBlank(byte b) => b is 0 or 9 or 10 or 12 or 13 or 32;

    private static bool IsDelimiter(byte b) => b is (byte)'(' or (byte)')' or (byte)'<' or (byte)'>' or (byte)'[' or (byte)']' or (byte)'{' or (byte)'}' or (byte)'/' or (byte)'%';

    private ReadOnlySpan<byte> TakeRegular()
    {
        var span = bytes.Span;
        var start = Position;
        while (Position < span.Length && !IsBlank(span[Position]) && !IsDelimiter(span[Position]))
            Position++;
        budget.Spend(Position - start);
        return span[start..Position];
    }

    // §7.3.5: #xx in a name is an octet.
    private PdfObject.Name ReadName()
    {
        var raw = TakeRegular();
        if (raw.Length > LongestWord)
            raw = raw[..LongestWord];
        var name = new StringBuilder(raw.Length);
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] == '#' && i + 2 < raw.Length && char.IsAsciiHexDigit((char)raw[i + 1]) && char.IsAsciiHexDigit((char)raw[i + 2]))
            {
                name.Append((char)byte.Parse(raw.Slice(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                i += 2;
            }
            else
            {
                name.Append((char)raw[i]);
            }
        }
        return new PdfObject.Name(name.ToString());
    }

    // §7.3.4.2
    private PdfObject.Text ReadLiteral()
    {
        var span = bytes.Span;
        var text = new List<byte>();
        var open = 1;
        while (Position < span.Length && budget.Spend())
        {
            var b = span[Position++];
            if (b == '(')
                open++;
            else if (b == ')' && --open == 0)
                break;
            if (b == '\\')
                ReadEscape(text);
            else
                text.Add(b);
        }
        return new PdfObject.Text([.. text]);
    }

    private void ReadEscape(List<byte> text)
    {
        var span = bytes.Span;
        if (Position >= span.Length)
            return;
        var b = span[Position++];
        switch (b)
        {
            case (byte)'n':
                text.Add((byte)'\n');
                break;
            case (byte)'r':
                text.Add((byte)'\r');
                break;
            case (byte)'t':
                text.Add((byte)'\t');
                break;
            case (byte)'b' or (byte)'f':
                text.Add((byte)' ');
                break;
            case (byte)'\r':
                if (Position < span.Length && span[Position] == '\n')
                    Position++;
                break;
            case (byte)'\n':
                break;
            case >= (byte)'0' and <= (byte)'7':
                var value = b - '0';
                for (var digits = 1; digits < 3 && Position < span.Length && span[Position] is >= (byte)'0' and <= (byte)'7'; digits++)
                    value = value * 8 + span[Position++] - '0';
                text.Add((byte)value);
                break;
            default:
                text.Add(b);
                break;
        }
    }

    // §7.3.4.3: blanks are skipped, a missing last digit is 0.
    private PdfObject.Text ReadHex()
    {
        var span = bytes.Span;
        var text = new List<byte>();
        var high = -1;
        while (Position < span.Length && budget.Spend())
        {
            var b = span[Position++];
            if (b == '>')
                break;
            if (!char.IsAsciiHexDigit((char)b))
                continue;
            var digit = Convert.ToInt32(((char)b).ToString(), 16);
            if (high < 0)
            {
                high = digit;
                continue;
            }
            text.Add((byte)(high * 16 + digit));
            high = -1;
        }
        if (high >= 0)
            text.Add((byte)(high * 16));
        return new PdfObject.Text([.. text]);
    }

    private PdfObject.Array ReadArray(int depth, bool references)
    {
        var items = new List<PdfObject?>();
        while (true)
        {
            var item = Read(depth + 1, references);
            if (item is PdfObject.End or PdfObject.Keyword { Value: "]" })
                return new PdfObject.Array(items);
            if (references && item is PdfObject.Keyword { Value: "R" })
                FoldReference(items);
            else if (item is not PdfObject.Keyword)
                items.Add(item);
        }
    }

    // "12 0 R" came as three words.
    private static void FoldReference(List<PdfObject?> items)
    {
        if (items.Count < 2 || items[^2] is not PdfObject.Number number)
            return;
        items.RemoveRange(items.Count - 2, 2);
        items.Add(new PdfObject.Reference(number.Whole));
    }

    private PdfObject.Dictionary ReadDictionary(int depth, bool references)
    {
        var entries = new Dictionary<string, PdfObject?>(StringComparer.Ordinal);
        string? key = null;
        var values = new List<PdfObject?>();
        while (true)
        {
            var item = Read(depth + 1, references);
            var ends = item is PdfObject.End or PdfObject.Keyword { Value: ">>" or "stream" or "endobj" };
            if (ends || (item is PdfObject.Name && (key is null || values.Count > 0)))
            {
                if (key is not null)
                    entries.TryAdd(key, values.Count > 0 ? values[^1] : null);
                values.Clear();
                key = (item as PdfObject.Name)?.Value;
                if (ends)
                    return new PdfObject.Dictionary(entries);
            }
            else if (references && item is PdfObject.Keyword { Value: "R" })
            {
                FoldReference(values);
            }
            else if (item is not PdfObject.Keyword || item is PdfObject.Keyword { Value: "null" })
            {
                values.Add(item is PdfObject.Keyword ? null : item);
            }
        }
    }

    private PdfObject ReadWord()
    {
        var word = TakeRegular();
        if (word.IsEmpty)
        {
            Position++;
            return new PdfObject.Keyword("");
        }
        if (word[0] is (byte)'+' or (byte)'-' or (byte)'.' or (>= (byte)'0' and <= (byte)'9') && TryNumber(word, out var number))
            return new PdfObject.Number(number);
        if (word.SequenceEqual("true"u8) || word.SequenceEqual("false"u8))
            return new PdfObject.Flag(word[0] == 't');
        return new PdfObject.Keyword(Encoding.Latin1.GetString(word[..Math.Min(word.Length, LongestWord)]));
    }

    // Programs write "--5", "1.2.3" and "0.00-20" too; readers take the number at the beginning.
    private static bool TryNumber(ReadOnlySpan<byte> word, out double number)
    {
        var negative = word[0] == '-';
        var digits = word.TrimStart("+-"u8);
        var length = 0;
        var points = 0;
        while (length < digits.Length && (char.IsAsciiDigit((char)digits[length]) || (digits[length] == '.' && points++ == 0)))
            length++;
        number = 0;
        if (length == points || !double.TryParse(digits[..length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number))
            return length > 0 && digits.Length == length;
        number = negative ? -number : number;
        // "0g" is not a number, and "0.00-20" is.
        return length == digits.Length || digits[length] is (byte)'-' or (byte)'.';
    }

    private PdfObject? WithReference(PdfObject? first)
    {
        if (first is not PdfObject.Number number)
            return first;
        var at = Position;
        if (Read() is PdfObject.Number && Read() is PdfObject.Keyword { Value: "R" })
            return new PdfObject.Reference(number.Whole);
        Position = at;
        return first;
    }
}
