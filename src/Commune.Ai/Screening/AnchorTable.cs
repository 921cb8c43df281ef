using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Commune.Ai.Screening;

/// <summary>
/// Finds any of hundreds of strings in one pass that costs the same however many there are: the first characters of each place are hashed into a
/// map of bits, and only where a bit is set are the strings compared.
/// </summary>
internal sealed class AnchorTable
{
    private const int Bits = 16;
    private const ulong Spread = 0x9E3779B97F4A7C15;
    private const ulong LowerCase = 0x0020_0020_0020_0020;

    private readonly byte[] _map = new byte[1 << (Bits - 3)];
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
            _map[Slot(key) >> 3] |= (byte)(1 << (Slot(key) & 7));
    }

    /// <summary>The first place at or behind <paramref name="from"/> where one of the strings stands; -1 when there is none.</summary>
    public int Next(ReadOnlySpan<char> text, int from)
    {
        var last = text.Length - (_short ? 2 : 4);
        ref var start = ref MemoryMarshal.GetReference(text);
        ref var map = ref MemoryMarshal.GetArrayDataReference(_map);
        for (var at = from; at <= last; at++)
        {
            var key = Read(ref Unsafe.Add(ref start, at));
            var slot = Slot(key);
            if ((Unsafe.Add(ref map, slot >> 3) >> (slot & 7) & 1) != 0 && Stands(text[at..], key))
                return at;
        }
        return -1;
    }

    private bool Stands(ReadOnlySpan<char> text, ulong key)
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

    private ulong Key(string text) => Read(ref MemoryMarshal.GetReference(text.AsSpan()));

    // Inside the bounds that Next and the constructor's strings keep.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Read(ref char at) => _short
        ? Unsafe.ReadUnaligned<uint>(ref Unsafe.As<char, byte>(ref at))
        : Unsafe.ReadUnaligned<ulong>(ref Unsafe.As<char, byte>(ref at)) | _case;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Slot(ulong key) => (int)(key * Spread >> (64 - Bits));
}
