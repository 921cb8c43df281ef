using System.Text;

namespace Commune.Ai.Screening;

/// <summary>Rows of two kinds of zero-width characters that are the bits of a text.</summary>
internal static class InvisibleBits
{
    /// <summary>Fewer spell nothing.</summary>
    public const int LeastBits = 32;

    private const int MostBits = 32_000;

    /// <summary>What they spell; "" when that is no text.</summary>
    public static string Read(string text)
    {
        var kinds = new List<char>();
        var row = new List<byte>();
        foreach (var c in text)
        {
            if (c is not ('\u200B' or '\u200C' or '\u200D' or '\u2060' or '\u2061' or '\u2062' or '\u2063' or '\u2064' or '\uFEFF' or '\u200E' or '\u200F'))
                continue;
            var kind = kinds.IndexOf(c);
            if (kind < 0)
            {
                kind = kinds.Count;
                kinds.Add(c);
            }
            // More than two kinds: one of them parts letters, and the bits are those of the first two.
            if (kind < 2 && row.Count < MostBits)
                row.Add((byte)kind);
        }
        if (row.Count < LeastBits || kinds.Count < 2)
            return "";
        foreach (var (width, one) in ((int, int)[])[(8, 1), (8, 0), (7, 1), (7, 0)])
        {
            if (TryRead(row, width, one) is { } spelled)
                return spelled;
        }
        return "";
    }

    private static string? TryRead(List<byte> bits, int width, int one)
    {
        var spelled = new StringBuilder();
        for (var at = 0; at + width <= bits.Count; at += width)
        {
            var code = 0;
            for (var i = 0; i < width; i++)
                code = (code << 1) | (bits[at + i] == one ? 1 : 0);
            if (code is not (>= ' ' and < 0x7F or '\n'))
                return null;
            spelled.Append((char)code);
        }
        return spelled.ToString();
    }
}
