namespace Commune.Mail.Mime;

/// <summary>The encoding that came before base64: a "begin" line, lines with their length in front, an "end" line.</summary>
internal static class Uuencode
{
    private const int MostBlocks = 100;
    private const int LongestName = 300;

    public static int Decode(ReadOnlySpan<byte> source, Span<byte> target)
    {
        var written = 0;
        var begun = source.IndexOf("begin "u8) < 0;
        foreach (var range in source.Split((byte)'\n'))
        {
            var line = source[range].TrimEnd((byte)'\r');
            if (!begun)
            {
                begun = line.StartsWith("begin "u8);
                continue;
            }
            if (line.IsEmpty)
                continue;
            var length = (line[0] - ' ') & 0x3F;
            if (length == 0 || line.SequenceEqual("end"u8))
                break;
            written += DecodeLine(line[1..], length, target[written..]);
        }
        return written;
    }

    private static int DecodeLine(ReadOnlySpan<byte> line, int length, Span<byte> target)
    {
        var bits = 0;
        var held = 0;
        var written = 0;
        foreach (var b in line)
        {
            if (written == length)
                break;
            bits = (bits << 6) | ((b - ' ') & 0x3F);
            held += 6;
            if (held < 8)
                continue;
            held -= 8;
            target[written++] = (byte)(bits >> held);
            bits &= (1 << held) - 1;
        }
        return written;
    }

    /// <param name="Start">Where its "begin" line starts.</param>
    /// <param name="End">After its "end" line.</param>
    public readonly record struct Block(int Start, int End, string Name);

    /// <summary>The files that old mailers put into the text itself, between "begin 644 name" and "end".</summary>
    public static List<Block> Find(ReadOnlySpan<byte> text)
    {
        var blocks = new List<Block>();
        var at = 0;
        while (blocks.Count < MostBlocks)
        {
            var found = text[at..].IndexOf("begin "u8);
            if (found < 0)
                break;
            var start = at + found;
            at = start + 6;
            if (start > 0 && text[start - 1] != '\n')
                continue;
            var line = text[start..];
            var lineEnd = line.IndexOf((byte)'\n');
            if (lineEnd is < 0 or > LongestName || !TryName(line[6..lineEnd].TrimEnd((byte)'\r'), out var name) || !IsEncoded(line[(lineEnd + 1)..]))
                continue;
            var end = line.IndexOf("\nend"u8);
            // Without an end here there is none further down.
            if (end < 0)
                break;
            var after = line[(end + 4)..].IndexOf((byte)'\n');
            at = after < 0 ? text.Length : start + end + 4 + after + 1;
            blocks.Add(new Block(start, at, name));
        }
        return blocks;
    }

    private static bool TryName(ReadOnlySpan<byte> modeAndName, out string name)
    {
        name = "";
        var space = modeAndName.IndexOf((byte)' ');
        if (space is not (3 or 4) || modeAndName[..space].ContainsAnyExceptInRange((byte)'0', (byte)'7'))
            return false;
        name = Charsets.DecodeUndeclared(modeAndName[(space + 1)..].Trim((byte)' '));
        return name.Length > 0;
    }

    /// <summary>Whether the first line is as long as it says.</summary>
    private static bool IsEncoded(ReadOnlySpan<byte> data)
    {
        var end = data.IndexOf((byte)'\n');
        if (end <= 0)
            return false;
        var line = data[..end].TrimEnd((byte)'\r');
        if (line.IsEmpty || line[0] is < (byte)' ' or > (byte)'`')
            return false;
        var expected = 1 + ((((line[0] - ' ') & 0x3F) + 2) / 3 * 4);
        return Math.Abs(line.Length - expected) <= 3;
    }
}
