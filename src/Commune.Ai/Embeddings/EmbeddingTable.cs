using System.Buffers.Binary;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Commune.Ai.Embeddings;

/// <summary>
/// The trained words, read in place from the assembly's image: the operating system brings in the pages that are used, and the
/// heap holds nothing. tools/embedding/table.py writes it and says what stands where.
/// </summary>
internal sealed unsafe class EmbeddingTable
{
    public const string ResourceName = "english-words.bin";
    private const int HeaderLength = 40;
    private const uint FnvOffset = 2166136261;
    private const uint FnvPrime = 16777619;

    private readonly int _slots;
    private readonly ushort* _slot;
    private readonly uint* _ends;
    private readonly byte* _letters;
    private readonly float* _scales;
    private readonly sbyte* _rows;

    private EmbeddingTable(byte* start, long length)
    {
        var header = new ReadOnlySpan<byte>(start, HeaderLength);
        if (!header.StartsWith("CMNWORDS"u8) || !BitConverter.IsLittleEndian)
            throw new InvalidDataException("The table of words cannot be read: build it again with tools/embedding/train.sh.");
        Checksum = Convert.ToHexStringLower(header[8..16]);
        Dimensions = Number(header, 16);
        Words = Number(header, 20);
        Pieces = Number(header, 24);
        _slots = Number(header, 28);
        var letters = Number(header, 32);
        _slot = (ushort*)(start + HeaderLength);
        _ends = (uint*)(_slot + _slots);
        _letters = (byte*)(_ends + Words);
        _scales = (float*)(_letters + ((letters + 3) & ~3));
        _rows = (sbyte*)(_scales + Words + Pieces);
        if (_rows + ((long)(Words + Pieces) * Dimensions) != start + length)
            throw new InvalidDataException("The table of words is cut short: build it again with tools/embedding/train.sh.");
    }

    public string Checksum { get; }

    public int Dimensions { get; }

    public int Words { get; }

    /// <summary>How many rows the pieces of unknown words share.</summary>
    public int Pieces { get; }

    public static EmbeddingTable Load()
    {
        // The memory is the assembly's own and stays as long as the program: the stream only tells where it is.
        var resource = (UnmanagedMemoryStream)Assembly.GetExecutingAssembly().GetManifestResourceStream(ResourceName)!;
        return new EmbeddingTable(resource.PositionPointer, resource.Length);
    }

    public static uint Hash(ReadOnlySpan<char> word)
    {
        var hash = FnvOffset;
        foreach (var letter in word)
            hash = (hash ^ letter) * FnvPrime;
        return hash;
    }

    /// <returns>The word's number, or -1.</returns>
    public int Find(ReadOnlySpan<char> stem)
    {
        for (var at = Hash(stem) & (_slots - 1); _slot[at] != 0; at = (at + 1) & (_slots - 1))
        {
            var word = _slot[at] - 1;
            var start = word == 0 ? 0 : _ends[word - 1];
            if (Equal(stem, new ReadOnlySpan<byte>(_letters + start, (int)(_ends[word] - start))))
                return word;
        }
        return -1;
    }

    public void AddWord(int word, float weight, Span<float> sum) => Add(word, weight, sum);

    public void AddPiece(int piece, float weight, Span<float> sum) => Add(Words + piece, weight, sum);

    // Multiplied, then added: a fused instruction would round otherwise on some machines than on others.
    private void Add(int row, float weight, Span<float> sum)
    {
        var octets = _rows + ((long)row * Dimensions);
        ref var target = ref MemoryMarshal.GetReference(sum[..Dimensions]);
        if (Avx2.IsSupported)
        {
            AddByEights(octets, _scales[row] * weight, ref target);
            return;
        }
        var scale = Vector128.Create(_scales[row] * weight);
        for (nuint i = 0; i < (nuint)Dimensions; i += 16)
        {
            var (low, high) = Vector128.Widen(Vector128.Load(octets + i));
            AddEight(low, scale, ref target, i);
            AddEight(high, scale, ref target, i + 8);
        }
    }

    private void AddByEights(sbyte* octets, float weight, ref float target)
    {
        var scale = Vector256.Create(weight);
        for (nuint i = 0; i < (nuint)Dimensions; i += 8)
        {
            var values = Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(octets + i));
            ((values * scale) + Vector256.LoadUnsafe(ref target, i)).StoreUnsafe(ref target, i);
        }
    }

    private static void AddEight(Vector128<short> values, Vector128<float> scale, ref float target, nuint at)
    {
        var (low, high) = Vector128.Widen(values);
        ((Vector128.ConvertToSingle(low) * scale) + Vector128.LoadUnsafe(ref target, at)).StoreUnsafe(ref target, at);
        ((Vector128.ConvertToSingle(high) * scale) + Vector128.LoadUnsafe(ref target, at + 4)).StoreUnsafe(ref target, at + 4);
    }

    private static bool Equal(ReadOnlySpan<char> word, ReadOnlySpan<byte> letters)
    {
        if (word.Length != letters.Length)
            return false;
        for (var i = 0; i < word.Length; i++)
        {
            if (word[i] != letters[i])
                return false;
        }
        return true;
    }

    private static int Number(ReadOnlySpan<byte> header, int at) => BinaryPrimitives.ReadInt32LittleEndian(header[at..]);
}
