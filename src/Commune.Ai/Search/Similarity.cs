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
            // One operand of this instruction has no sign: the query gives its sign to the vector. Numbers are -127 to 127, so that no sum of two products
            // is more than a short.
            var sums = Vector256<int>.Zero;
            ref var numbers = ref MemoryMarshal.GetReference(vector);
            ref var asked = ref MemoryMarshal.GetArrayDataReference(narrow);
            for (; at + 32 <= vector.Length; at += 32)
            {
                var ask = Vector256.LoadUnsafe(ref asked, (nuint)at);
                var signed = Avx2.Sign(Vector256.LoadUnsafe(ref numbers, (nuint)at), ask);
                sums += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Vector256.Abs(ask).AsByte(), signed), Vector256<short>.One);
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
