namespace Commune.Storage;

/// <summary>Numbers of one to five bytes in the blocks of the index, seven bits in each, the lowest first.</summary>
internal static class Varint
{
    public const int Longest = 5;

    public static int Write(Span<byte> into, uint value)
    {
        var length = 0;
        for (; value >= 0x80; value >>= 7)
            into[length++] = (byte)(value | 0x80);
        into[length++] = (byte)value;
        return length;
    }

    /// <returns>False at the end of the bytes, or when they are no number that fits an int.</returns>
    public static bool TryRead(ReadOnlySpan<byte> from, ref int at, out uint value)
    {
        value = 0;
        for (var shift = 0; shift < 35 && at < from.Length; shift += 7)
        {
            var part = from[at++];
            value |= (uint)(part & 0x7F) << shift;
            if (part < 0x80)
                return value <= int.MaxValue;
        }
        return false;
    }
}
