using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Commune.Ai.Screening;

/// <summary>
/// Finds any of hundreds of strings in one pass that costs the same however many there are: the characters of a place are hashed into a
/// map of bits, and only where a bit is set are the strings compared. Three characters at every second place tell whether a string of four may begin there
/// (<see cref="Here"/>) or one before (<see cref="Before"/>).
/// </summary>
internal sealed class AnchorTable
{
    private const int Bits = 16;
    private const ulong Spread = 0x9E3779B97F4A7C15;
    private const ulong LowerCase = 0x0020_0020_0020_0020;
    private const ulong FirstThree = 0x0000_FFFF_FFFF_FFFF;
    private const int Here = 1;
    private const int Before = 2;

    private readonly byte[] _map = new byte[1 << (Bits - 3)];
    // Two bits for each.
    private readonly byte[] _threes = new byte[1 << (Bits - 2)];
    private readonly Dictionary<ulong, string[]> _strings;
    private readonly bool _short;
    private readonly bool _isForeign;
    private readonly ulong _case;

    /// <param name="strings">Folded as the text is; of at least four characters, or of two where they are <paramref name="areShort"/>.</param>
    /// <param name="anyCase">Letters of ASCII are found in any case; the strings are in lower case.</param>
    public AnchorTable(IEnumerable<string> strings, bool areShort = false, bool anyCase = false)
    {
        var all = strings.ToList();
        if (all.Find(text => text.Length < (areShort ? 2 : 4)) is { } tooShort)
            throw new ArgumentException($"\"{tooShort}\" is too short to be looked for.", nameof(strings));
        _short = areShort;
        _isForeign = all.TrueForAll(static text => !char.IsAscii(text[0]));
        _case = anyCase ? LowerCase : 0;
        _strings = all.GroupBy(text => Key(text)).ToDictionary(static group => group.Key, static group => group.ToArray());
        foreach (var key in _strings.Keys)
        {
            Set(_map, key);
            if (_short)
                continue;
            SetThree(key & FirstThree, Here);
            SetThree(key >> 16, Before);
        }
    }

    /// <summary>The first place at or behind <paramref name="from"/> where one of the strings stands; -1 when there is none.</summary>
    public int Next(ReadOnlySpan<char> text, int from)
    {
        var last = text.Length - (_short ? 2 : 4);
        if (_short)
        {
            for (var at = from; at <= last; at++)
            {
                if (_isForeign && char.IsAscii(text[at]))
                {
                    var next = text[at..].IndexOfAnyExceptInRange('\0', '\x7f');
                    if (next < 0 || at + next > last)
                        return -1;
                    at += next;
                }
                if (Stands(text, at))
                    return at;
            }
            return -1;
        }
        ref var start = ref MemoryMarshal.GetReference(text);
        ref var threes = ref MemoryMarshal.GetArrayDataReference(_threes);
        for (var at = from; at <= last; at += 2)
        {
            var slot = Slot(Read(ref Unsafe.Add(ref start, at)) & FirstThree);
            var may = Unsafe.Add(ref threes, slot >> 2) >> ((slot & 3) * 2) & (Here | Before);
            if (may == 0)
                continue;
            if ((may & Before) != 0 && at > from && Stands(text, at - 1))
                return at - 1;
            if ((may & Here) != 0 && Stands(text, at))
                return at;
        }
        // The last place of all may lie between two.
        return last >= from && (last - from) % 2 == 1 && Stands(text, last) ? last : -1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Stands(ReadOnlySpan<char> text, int at)
    {
        var key = Read(ref Unsafe.Add(ref MemoryMarshal.GetReference(text), at));
        var slot = Slot(key);
        return (_map[slot >> 3] >> (slot & 7) & 1) != 0 && IsAnyOf(text[at..], key);
    }

    private bool IsAnyOf(ReadOnlySpan<char> text, ulong key)
    {
        if (!_strings.TryGetValue(key, out var strings))
            return false;
        foreach (var one in strings)
        {
            if (_case == 0 ? text.StartsWith(one) : text.StartsWith(one, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    private void SetThree(ulong key, int place) => _threes[Slot(key) >> 2] |= (byte)(place << ((Slot(key) & 3) * 2));

    private static void Set(byte[] map, ulong key) => map[Slot(key) >> 3] |= (byte)(1 << (Slot(key) & 7));

    private ulong Key(string text) => Read(ref MemoryMarshal.GetReference(text.AsSpan()));

    // Inside the bounds that Next and the constructor's strings keep.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Read(ref char at) => _short
        ? Unsafe.ReadUnaligned<uint>(ref Unsafe.As<char, byte>(ref at))
        : Unsafe.ReadUnaligned<ulong>(ref Unsafe.As<char, byte>(ref at)) | _case;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Slot(ulong key) => (int)(key * Spread >> (64 - Bits));
}
