using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Commune.Ai.Search;

/// <summary>The cosine of vectors whose numbers are stored as bytes: x is kept as the whole number next to 127·x.</summary>
public sealed class Similarity
{
    private const float Unit = 127f * 127f;
    private readonly short[] query;
    private readonly sbyte[] narrow;

    public Similarity(ReadOnlySpan<sbyte> query)
    {
        narrow = query.ToArray();
        this.query = new short[query.Length];
        for (var i = 0; i < query.Length; i++)
            this.query[i] = query[i];
    }

    public int Dimensions => narrow.Length;

    /// <param name="vector">As many numbers as the query has.</param>
    public float To(ReadOnlySpan<sbyte> vector)
    {
        if (vector.Length != narrow.Length)
            throw new ArgumentException("Vectors of different models are not compared.", nameof(vector));
        var at = 0;
        var sum = 0;
        if (Avx2.IsSupported)
        {
            var sums = Vector256<int>.Zero;
            for (; at + 16 <= vector.Length; at += 16)
            {
                var wide = Avx2.ConvertToVector256Int16(Vector128.Create(vector.Slice(at, 16)));
                sums += Avx2.MultiplyAddAdjacent(wide, Vector256.Create<short>(query.AsSpan(at, 16)));
            }
            sum = Vector256.Sum(sums);
        }
        else if (Vector.IsHardwareAccelerated)
        {
            var sums = Vector<int>.Zero;
            for (; at + Vector<sbyte>.Count <= vector.Length; at += Vector<sbyte>.Count)
            {
                Vector.Widen(new Vector<sbyte>(vector[at..]), out var low, out var high);
                // 127 · 127 fits a short; the sum of many does not.
                Vector.Widen(low * new Vector<short>(query.AsSpan(at)), out var first, out var second);
                Vector.Widen(high * new Vector<short>(query.AsSpan(at + Vector<short>.Count)), out var third, out var fourth);
                sums += first + second + third + fourth;
            }
            sum = Vector.Sum(sums);
        }
        for (; at < vector.Length; at++)
            sum += vector[at] * narrow[at];
        return sum / Unit;
    }

    /// <summary>The numbers as they are stored.</summary>
    public static ReadOnlySpan<sbyte> FromBytes(ReadOnlySpan<byte> stored) => MemoryMarshal.Cast<byte, sbyte>(stored);
}
