using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Commune.Ai.Screening;

/// <summary>
/// Finds any of hundreds of strings in one pass that costs the same however many there are: the characters of a place are hashed into a
/// map of bits, and only where a bit is set are the strings compared. Sixteen places are looked up at a time where the processor can do so; elsewhere
/// three characters at every second place tell whether a string of four may begin there (<see cref="Here"/>) or one before (<see cref="Before"/>).
/// </summary>
internal sealed class AnchorTable
{
    /// <summary>No string is longer.</summary>
    public const int Longest = 64;

    private const int Bits = 16;
    private const uint Spread = 0x9E3779B1;
    private const uint SpreadOfSecond = 0x85EBCA77;
    private const ulong LowerCase = 0x0020_0020_0020_0020;
    private const ulong FirstThree = 0x0000_FFFF_FFFF_FFFF;
    private const int Here = 1;
    private const int Before = 2;

    private readonly uint[] _map = new uint[1 << (Bits - 5)];
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
        if (all.Find(text => text.Length < (areShort ? 2 : 4) || text.Length > Longest) is { } strange)
            throw new ArgumentException($"\"{strange}\" is too short or too long to be looked for.", nameof(strings));
        _short = areShort;
        _isForeign = all.TrueForAll(static text => !char.IsAscii(text[0]));
        _case = anyCase ? LowerCase : 0;
        _strings = all.GroupBy(text => Key(text)).ToDictionary(static group => group.Key, static group => group.ToArray());
        foreach (var key in _strings.Keys)
        {
            _map[Slot(key) / 32] |= 1u << (int)(Slot(key) % 32);
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
        if (Avx2.IsSupported)
        {
            var at = NextInMap(text, from);
            while (at >= 0 && !IsAnyOf(text[at..], Read(ref Unsafe.Add(ref MemoryMarshal.GetReference(text), at))))
                at = NextInMap(text, at + 1);
            return at;
        }
        ref var start = ref MemoryMarshal.GetReference(text);
        ref var threes = ref MemoryMarshal.GetArrayDataReference(_threes);
        for (var at = from; at <= last; at += 2)
        {
            var slot = Slot(Read(ref Unsafe.Add(ref start, at)) & FirstThree);
            var may = Unsafe.Add(ref threes, (int)(slot / 4)) >> ((int)(slot % 4) * 2) & (Here | Before);
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
        return (_map[slot / 32] >> (int)(slot % 32) & 1) != 0 && IsAnyOf(text[at..], key);
    }

    /// <summary>The first place at or behind another of which the map says that a string may begin there; -1 when there is none.</summary>
    private unsafe int NextInMap(ReadOnlySpan<char> text, int at)
    {
        ref var start = ref MemoryMarshal.GetReference(text);
        fixed (uint* map = _map)
        {
            var anyCase = Vector256.Create((uint)_case);
            for (; at + 19 <= text.Length; at += 16)
            {
                ref var units = ref Unsafe.As<char, ushort>(ref Unsafe.Add(ref start, at));
                var even = BitsOf(map, Vector256.LoadUnsafe(ref units).AsUInt32() | anyCase, Vector256.LoadUnsafe(ref units, 2).AsUInt32() | anyCase);
                var odd = BitsOf(map, Vector256.LoadUnsafe(ref units, 1).AsUInt32() | anyCase, Vector256.LoadUnsafe(ref units, 3).AsUInt32() | anyCase);
                // In each lane the bit of the first place is the lower one.
                var both = ((even & Vector256<uint>.One) | ((odd & Vector256<uint>.One) << 16)).AsUInt16();
                if (both != Vector256<ushort>.Zero)
                    return at + BitOperations.TrailingZeroCount(~Vector256.Equals(both, Vector256<ushort>.Zero).ExtractMostSignificantBits());
            }
        }
        for (; at + 4 <= text.Length; at++)
        {
            var slot = Slot(Read(ref Unsafe.Add(ref start, at)));
            if ((_map[slot / 32] >> (int)(slot % 32) & 1) != 0)
                return at;
        }
        return -1;
    }

    /// <summary>The lowest bit of each lane is that of the map.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector256<uint> BitsOf(uint* map, Vector256<uint> first, Vector256<uint> second)
    {
        var slot = ((first * Spread) + (second * SpreadOfSecond)) >>> (32 - Bits);
        return Avx2.ShiftRightLogicalVariable(Avx2.GatherVector256(map, (slot >>> 5).AsInt32(), sizeof(uint)), slot & Vector256.Create(31u));
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

    private void SetThree(ulong key, int place) => _threes[Slot(key) / 4] |= (byte)(place << ((int)(Slot(key) % 4) * 2));

    private ulong Key(string text) => Read(ref MemoryMarshal.GetReference(text.AsSpan()));

    // Inside the bounds that Next and the constructor's strings keep.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Read(ref char at) => _short
        ? Unsafe.ReadUnaligned<uint>(ref Unsafe.As<char, byte>(ref at))
        : Unsafe.ReadUnaligned<ulong>(ref Unsafe.As<char, byte>(ref at)) | _case;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Slot(ulong key) => (((uint)key * Spread) + ((uint)(key >> 32) * SpreadOfSecond)) >> (32 - Bits);
}
