using System.Text;

namespace Commune.Mail.Dkim;

/// <summary>A tag=value list (RFC 6376 §3.2), as signatures, key records and ARC fields are written in.</summary>
internal sealed class TagList
{
    private const string WhiteSpace = " \t\r\n";

    private readonly Dictionary<string, Tag> _tags = new(StringComparer.Ordinal);
    private readonly List<string> _order = [];

    private TagList()
    {
    }

    /// <summary>The names in the order they came in.</summary>
    public IReadOnlyList<string> Names => _order;

    /// <summary>Why the text is no tag list; the tags before the mistake are there all the same. Null when it is one.</summary>
    public string? Defect { get; private set; }

    /// <summary>The value without white space around it; null when there is no such tag. Names are case-sensitive.</summary>
    public string? this[string name] => _tags.TryGetValue(name, out var tag) ? tag.Value : null;

    /// <summary>Where everything between the "=" and the next ";" stands, white space included (RFC 6376 §3.7 deletes
    /// all of it from b=).</summary>
    public Range RawRange(string name) => _tags[name].Raw;

    /// <summary>The value without any white space: for base64 and colon-separated lists (§3.2: FWS is allowed in them).</summary>
    public string? Compact(string name)
    {
        var value = this[name];
        return value is null || !value.AsSpan().ContainsAny(WhiteSpace) ? value : string.Concat(value.Split(WhiteSpace.ToCharArray()));
    }

    public static TagList Parse(ReadOnlySpan<byte> text)
    {
        var list = new TagList();
        var position = 0;
        while (list.Defect is null && position <= text.Length)
        {
            var end = text[position..].IndexOf((byte)';');
            end = end < 0 ? text.Length : position + end;
            // One ";" may end the list; an empty place anywhere else is none of the grammar's.
            var isLast = end == text.Length && list._order.Count > 0;
            if (!isLast || !text[position..end].Trim(" \t\r\n"u8).IsEmpty)
                list.Defect = list.Add(text, position, end);
            position = end + 1;
        }

        return list;
    }

    private string? Add(ReadOnlySpan<byte> text, int start, int end)
    {
        var tag = text[start..end];
        if (tag.Trim(" \t\r\n"u8).IsEmpty)
            return "an empty tag";
        var equals = tag.IndexOf((byte)'=');
        if (equals < 0)
            return "a tag without \"=\"";
        var name = tag[..equals].Trim(" \t\r\n"u8);
        if (!IsName(name))
            return "a tag name that is none";
        var value = tag[(equals + 1)..].Trim(" \t\r\n"u8);
        // VALCHAR and white space; octets beyond ASCII are UTF-8 (RFC 8616 §3).
        if (value.IndexOfAnyInRange((byte)0, (byte)8) >= 0 || value.IndexOfAnyInRange((byte)14, (byte)31) >= 0
            || value.IndexOfAny((byte)11, (byte)12, (byte)127) >= 0)
            return "a control character";

        var key = Encoding.ASCII.GetString(name);
        if (!_tags.TryAdd(key, new Tag(Encoding.UTF8.GetString(value), (start + equals + 1)..end)))
            return $"two {(key.Length > 20 ? "tags of one name" : key + "= tags")}";
        _order.Add(key);
        return null;
    }

    /// <summary>§3.2: a letter, then letters, digits and underscores.</summary>
    private static bool IsName(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty || !char.IsAsciiLetter((char)name[0]))
            return false;
        foreach (var octet in name)
        {
            if (!char.IsAsciiLetterOrDigit((char)octet) && octet != (byte)'_')
                return false;
        }

        return true;
    }

    private readonly record struct Tag(string Value, Range Raw);
}
