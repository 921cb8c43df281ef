using System.Collections;
using System.Text;

namespace Commune.Mail.Mime;

/// <summary>One header field: ranges over the message's bytes, decoded when asked for.</summary>
public readonly struct HeaderField
{
    private readonly HeaderList _list;
    private readonly HeaderRange _range;

    internal HeaderField(HeaderList list, HeaderRange range)
    {
        _list = list;
        _range = range;
    }

    public string Name => Encoding.ASCII.GetString(RawName.Span);

    public ReadOnlyMemory<byte> RawName => _list.Source.Slice(_range.Start, _range.NameLength);

    /// <summary>All after the colon, still folded, without the final line end.</summary>
    public ReadOnlyMemory<byte> RawValue => _list.Source.Slice(_range.ValueStart, _range.ValueLength);

    /// <summary>Unfolded and decoded (RFC 2047).</summary>
    public string Value => HeaderText.Decode(RawValue.Span, _list);

    /// <summary>Unfolded, encoded words left as they are: what a structured field is parsed from.</summary>
    public string Unfolded => HeaderText.Unfold(RawValue.Span, _list);
}

/// <summary>The header fields of a message or part, in order.</summary>
public sealed class HeaderList : IEnumerable<(string Name, string Value)>
{
    internal static HeaderList Empty { get; } = new(default, [], 0, 0);

    private readonly List<HeaderRange> _ranges;
    private readonly int _first;

    internal HeaderList(ReadOnlyMemory<byte> source, List<HeaderRange> ranges, int first, int count)
    {
        Source = source;
        _ranges = ranges;
        _first = first;
        Count = count;
    }

    public int Count { get; }

    internal ReadOnlyMemory<byte> Source { get; }

    /// <summary>The charset that Content-Type names: the likely one of raw 8-bit bytes in the fields, too. Null when it names none.</summary>
    internal string? BodyCharset
    {
        get
        {
            // A Content-Type that is not ASCII itself would ask for its own charset.
            if (GetRaw("Content-Type") is not { } raw || !Ascii.IsValid(raw.Span))
                return null;
            return HeaderParameters.Parse(HeaderText.Unfold(raw.Span)).Parameters.GetValueOrDefault("charset");
        }
    }

    public HeaderField this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            return new HeaderField(this, _ranges[_first + index]);
        }
    }

    /// <summary>The first value of that name (in any case), unfolded and decoded; null when there is none.</summary>
    public string? Get(string name) => Find(name)?.Value;

    /// <summary>The first value unfolded, its encoded words left alone; null when there is none.</summary>
    public string? GetUnfolded(string name) => Find(name)?.Unfolded;

    /// <summary>The first value as its bytes, still folded; null when there is none.</summary>
    public ReadOnlyMemory<byte>? GetRaw(string name) => Find(name)?.RawValue;

    public IEnumerable<string> GetAll(string name)
    {
        for (var i = 0; i < Count; i++)
        {
            if (Is(i, name))
                yield return this[i].Value;
        }
    }

    /// <summary>All values of that name, unfolded but not decoded.</summary>
    internal IEnumerable<string> AllUnfolded(string name)
    {
        for (var i = 0; i < Count; i++)
        {
            if (Is(i, name))
                yield return this[i].Unfolded;
        }
    }

    /// <summary>How many fields have that name.</summary>
    public int CountOf(string name)
    {
        var count = 0;
        for (var i = 0; i < Count; i++)
            count += Is(i, name) ? 1 : 0;
        return count;
    }

    public bool Contains(string name) => Find(name) is not null;

    /// <summary>The first field of that name, in any case.</summary>
    public HeaderField? Find(string name)
    {
        for (var i = 0; i < Count; i++)
        {
            if (Is(i, name))
                return this[i];
        }
        return null;
    }

    /// <summary>All values of that name, unfolded but not decoded, as one list: a repeated To or Cc is read as one.</summary>
    internal string? JoinUnfolded(string name)
    {
        string? only = null;
        StringBuilder? joined = null;
        for (var i = 0; i < Count; i++)
        {
            if (!Is(i, name))
                continue;
            if (only is null)
                only = this[i].Unfolded;
            else
                (joined ??= new StringBuilder(only)).Append(", ").Append(this[i].Unfolded);
        }
        return joined?.ToString() ?? only;
    }

    public IEnumerator<(string Name, string Value)> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
            yield return (this[i].Name, this[i].Value);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private bool Is(int index, string name)
    {
        var range = _ranges[_first + index];
        return range.NameLength == name.Length
            && Ascii.EqualsIgnoreCase(Source.Span.Slice(range.Start, range.NameLength), name);
    }
}

internal readonly record struct HeaderRange(int Start, int NameLength, int ValueStart, int ValueLength);
