using System.Text;

namespace Commune.Mail.Dkim;

/// <summary>Where the header fields of a message stand (RFC 5322 §2.2), top to bottom, and where its body begins.</summary>
internal sealed class HeaderFieldList
{
    private readonly record struct Extent(int Start, int NameLength, int Length);

    private readonly List<Extent> _fields = [];

    private HeaderFieldList()
    {
    }

    public int Count => _fields.Count;

    /// <summary>The offset behind the empty line; the length of the message when there is none.</summary>
    public int BodyStart { get; private set; }

    public static HeaderFieldList Read(ReadOnlySpan<byte> message)
    {
        var list = new HeaderFieldList();
        var position = 0;
        while (position < message.Length)
        {
            var line = LineLength(message[position..]);
            if (message.Slice(position, line).TrimEnd("\r\n"u8).IsEmpty)
            {
                position += line;
                break;
            }

            var length = line;
            // RFC 5322 §2.2.3: a line that begins with white space continues the field.
            while (position + length < message.Length && message[position + length] is (byte)' ' or (byte)'\t')
                length += LineLength(message[(position + length)..]);

            var field = message.Slice(position, length);
            var colon = field.IndexOf((byte)':');
            if (colon > 0)
                list._fields.Add(new Extent(position, field[..colon].TrimEnd(" \t"u8).Length, length));
            position += length;
        }

        list.BodyStart = position;
        return list;
    }

    /// <summary>The whole field, folding and final CRLF included.</summary>
    public ReadOnlySpan<byte> Field(ReadOnlySpan<byte> message, int index) =>
        message.Slice(_fields[index].Start, _fields[index].Length);

    public (int Start, int End) Place(int index) => (_fields[index].Start, _fields[index].Start + _fields[index].Length);

    public ReadOnlySpan<byte> Name(ReadOnlySpan<byte> message, int index) =>
        message.Slice(_fields[index].Start, _fields[index].NameLength);

    /// <summary>What follows the colon, without the final CRLF.</summary>
    public ReadOnlySpan<byte> Value(ReadOnlySpan<byte> message, int index)
    {
        var field = Field(message, index);
        field = field[(field.IndexOf((byte)':') + 1)..];
        return field.EndsWith("\r\n"u8) ? field[..^2] : field;
    }

    public bool IsNamed(ReadOnlySpan<byte> message, int index, string name) =>
        Ascii.EqualsIgnoreCase(message.Slice(_fields[index].Start, _fields[index].NameLength), name);

    private static int LineLength(ReadOnlySpan<byte> rest)
    {
        var feed = rest.IndexOf((byte)'\n');
        return feed < 0 ? rest.Length : feed + 1;
    }
}
