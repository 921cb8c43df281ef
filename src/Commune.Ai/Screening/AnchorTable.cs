using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Commune.Ai.Screening;

/// <summary>
/// Finds any of hundreds of strings in one pass that costs the same however many there are: the characters of a place are hashed into a
/// map of bits, and only where a bit is set are the strings compared. Three characters at every second place tell whether a string of four begins there
/// or one before.
/// </summary>
internal sealed class AnchorTable
{
    private const int Bits = 16;
    private const ulong Spread = 0x9E3779B97F4A7C15;
    private const ulong LowerCase = 0x0020_0020_0020_0020;
    private const ulong FirstThree = 0x0000_FFFF_FFFF_FFFF;

    private readonly byte[] _map = new byte[1 << (Bits - 3)];
    private readonly byte[] _threes = new byte[1 << (Bits - 3)];
    private readonly Dictionary<ulong, string[]> _strings;
    private readonly bool _short;
    private readonly ulong _case;

    /// <param name="strings">Folded as the text is; of at least four characters, or of two where they are <paramref name="areShort"/>.</param>
    /// <param name="anyCase">Letters of ASCII are found in any case; the strings are in lower case.</param>
    public AnchorTable(IEnumerable<string> strings, bool areShort = false, bool anyCase = false)
    {
        var all = strings.ToList();
        if (all.Find(text => text.Length < (areShort ? 2 : 4)) is { } tooShort)
            throw new ArgumentException($"\"{tooShort}\" is too short to be looked for.", nameof(strings));
        _short = areShort;
        _case = anyCase ? LowerCase : 0;
        _strings = all.GroupBy(text => Key(text)).ToDictionary(static group => group.Key, static group => group.ToArray());
        foreach (var key in _strings.Keys)
        {
            Set(_map, key);
            if (_short)
                continue;
            Set(_threes, key & FirstThree);
            Set(_threes, key >> 16);
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
            if ((Unsafe.Add(ref threes, slot >> 3) >> (slot & 7) & 1) == 0)
                continue;
            if (at > from && Stands(text, at - 1))
                return at - 1;
            if (Stands(text, at))
                return at;
        }
        // The last place of all may lie between two.
        return last >= from && (last - from) % 2 == 1 && Stands(text, last) ? last : -1;
    }

    private bool Stands(ReadOnlySpan<char> text, int at)
    {
        text = text[at..];
        var key = Read(ref MemoryMarshal.GetReference(text));
        var slot = Slot(key);
        if ((_map[slot >> 3] >> (slot & 7) & 1) == 0 || !_strings.TryGetValue(key, out var strings))
            return false;
        foreach (var one in strings)
        {
            if (_case == 0 ? text.StartsWith(one) : text.StartsWith(one, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

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
