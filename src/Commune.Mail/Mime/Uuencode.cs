namespace Commune.Mail.Mime;

/// <summary>The encoding that came before base64: a "begin" line, lines with their length in front, an "end" line.</summary>
internal static class Uuencode
{
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
}
