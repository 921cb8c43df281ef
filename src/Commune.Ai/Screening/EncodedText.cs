using System.Buffers;
using System.Text;

namespace Commune.Ai.Screening;

/// <summary>Text that stands in a mail in a form that people cannot read and models can: base64, base32, hexadecimal, percent and \u escapes.</summary>
internal static class EncodedText
{
    private const int Shortest = 24;
    private const int ShortestLine = 16;
    private const int LongestRun = 16 * 1024;
    // Many small ones may stand before the one that counts.
    private const int MostDecoded = 1000;
    private const int Step = 16;

    private static readonly SearchValues<char> Base64 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_");
    private static readonly SearchValues<char> Base32 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567=");
    private static readonly SearchValues<char> Lines = SearchValues.Create("\r\n");

    /// <summary>Every decoded text that reads like one, and what it was decoded from.</summary>
    public static void Find(string source, int longest, List<(string Decoded, int At)> found)
    {
        var text = source.AsSpan(0, Math.Min(source.Length, longest));
        FindRuns(text, found);
        FindSpacedHex(text, found);
        // Most texts have none of what the others begin with.
        if (text.IndexOfAny('%', '\\', '&') >= 0)
        {
            FindPercents(text, found);
            FindEscapes(text, found);
            EncodedNumbers.FindMarked(text, MostDecoded, found);
        }
        EncodedNumbers.FindListed(text, MostDecoded, found);
    }

    private static void FindRuns(ReadOnlySpan<char> text, List<(string, int)> found)
    {
        var done = 0;
        // A run of twice the step holds a whole step.
        for (var at = 0; at + Step <= text.Length && found.Count < MostDecoded; at += Step)
        {
            // Blanks are what nearly every step of a text has, and quickly seen.
            if (text.Slice(at, Step).Contains(' ') || text.Slice(at, Step).IndexOfAnyExcept(Base64) >= 0)
                continue;
            var start = at;
            while (start > done && Base64.Contains(text[start - 1]))
                start--;
            var end = EndOfRun(text, at + Step);
            // What goes on behind a piece is read from where four letters begin.
            if (end - at - Step == LongestRun)
                end -= (end - start) % 4;
            done = end;
            var before = found.Count;
            DecodeAll(text[start..end], start, found);
            // The line behind it may be no more of it.
            if (found.Count == before && text[start..end].Contains('\n'))
                DecodeLines(text[start..end], start, found);
            at = Math.Max(at, end - Step);
        }
    }

    private static void DecodeLines(ReadOnlySpan<char> run, int at, List<(string, int)> found)
    {
        foreach (var line in run.EnumerateLines())
        {
            run.Overlaps(line, out var offset);
            DecodeAll(line, at + offset, found);
        }
    }

    /// <summary>Over the ends of full lines, as base64 is broken.</summary>
    private static int EndOfRun(ReadOnlySpan<char> text, int from)
    {
        var lineStart = text[..from].LastIndexOf('\n') + 1;
        var most = Math.Min(text.Length, from + LongestRun);
        while (true)
        {
            var stop = text[from..most].IndexOfAnyExcept(Base64);
            var end = stop < 0 ? most : from + stop;
            if (end >= most || text[end] is not ('\r' or '\n') || end - lineStart < ShortestLine)
                return end;
            var next = end;
            while (next < most && Lines.Contains(text[next]))
                next++;
            if (text[end..next].Count('\n') > 1 || next >= most || !Base64.Contains(text[next]))
                return end;
            lineStart = from = next;
        }
    }

    /// <summary>"=" ends what is encoded, and stands between a name and its value.</summary>
    private static void DecodeAll(ReadOnlySpan<char> run, int at, List<(string, int)> found)
    {
        while (run.Length >= Shortest && found.Count < MostDecoded)
        {
            var pad = run.IndexOf('=');
            var end = pad;
            while (end >= 0 && end < run.Length && run[end] == '=')
                end++;
            var piece = end < 0 ? run : run[..end];
            if (piece.Length >= Shortest)
                Decode(piece, at, found);
            if (end < 0)
                return;
            run = run[end..];
            at += end;
        }
    }

    private static void Decode(ReadOnlySpan<char> run, int at, List<(string, int)> found)
    {
        Span<char> dense = run.Length <= 512 ? stackalloc char[run.Length] : new char[run.Length];
        var length = 0;
        var hex = true;
        foreach (var c in run)
        {
            if (c is '\r' or '\n')
                continue;
            hex &= char.IsAsciiHexDigit(c);
            dense[length++] = c switch { '-' => '+', '_' => '/', _ => c };
        }
        dense = dense[..length];
        if (hex && length % 2 == 0)
        {
            Keep(Convert.FromHexString(dense), at, found);
            return;
        }
        var before = found.Count;
        // Letters that were put in front of it must not hide it.
        for (var skip = 0; skip < 4 && found.Count == before && length - skip >= Shortest; skip++)
            DecodeBase64(dense[skip..], at, found);
        if (found.Count == before && dense.IndexOfAnyExcept(Base32) < 0)
            DecodeBase32(dense, at, found);
    }

    private static void DecodeBase64(ReadOnlySpan<char> dense, int at, List<(string, int)> found)
    {
        var bare = dense.TrimEnd('=');
        bare = bare[..(bare.Length - (bare.Length % 4 == 1 ? 1 : 0))];
        Span<char> padded = new char[(bare.Length + 3) / 4 * 4];
        padded.Fill('=');
        bare.CopyTo(padded);
        var bytes = new byte[padded.Length / 4 * 3];
        if (Convert.TryFromBase64Chars(padded, bytes, out var count))
            Keep(bytes.AsSpan(0, count), at, found);
    }

    /// <summary>RFC 4648 §6.</summary>
    private static void DecodeBase32(ReadOnlySpan<char> dense, int at, List<(string, int)> found)
    {
        var bytes = new List<byte>(dense.Length * 5 / 8);
        var (buffer, bits) = (0, 0);
        foreach (var c in dense.TrimEnd('='))
        {
            buffer = (buffer << 5) | (c is >= '2' and <= '7' ? c - '2' + 26 : c - 'A');
            bits += 5;
            if (bits < 8)
                continue;
            bits -= 8;
            bytes.Add((byte)(buffer >> bits));
            buffer &= (1 << bits) - 1;
        }
        Keep(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes), at, found);
    }

    private static void Keep(ReadOnlySpan<byte> bytes, int at, List<(string, int)> found)
    {
        if (bytes.Length < 12)
            return;
        // PowerShell and Windows encode two bytes for a letter.
        var wide = bytes.Length % 2 == 0 && bytes[1] == 0 && bytes[3] == 0;
        if (!wide && IsStrange(bytes))
            return;
        var text = wide ? Encoding.Unicode.GetString(bytes) : Encoding.UTF8.GetString(bytes);
        var strange = 0;
        foreach (var c in text)
            strange += c == '\uFFFD' || (char.IsControl(c) && c is not ('\n' or '\r' or '\t')) ? 1 : 0;
        if (strange * 20 <= text.Length)
            found.Add((text, at));
    }

    /// <summary>As words and pictures are that only look like an encoding: told without decoding all of them. Each control character is strange, and there are no more letters than bytes.</summary>
    private static bool IsStrange(ReadOnlySpan<byte> bytes)
    {
        var strange = 0;
        foreach (var one in bytes)
            strange += one is < (byte)' ' and not ((byte)'\n' or (byte)'\r' or (byte)'\t') or 0x7F or 0xC0 or 0xC1 or >= 0xF5 ? 1 : 0;
        return strange * 20 > bytes.Length;
    }

    private static void FindPercents(ReadOnlySpan<char> text, List<(string, int)> found)
    {
        var at = 0;
        while (found.Count < MostDecoded)
        {
            var next = text[at..].IndexOf('%');
            if (next < 0)
                return;
            at += next;
            var end = at;
            while (end < text.Length && !char.IsWhiteSpace(text[end]) && end - at < LongestRun)
                end++;
            var start = at;
            while (start > 0 && !char.IsWhiteSpace(text[start - 1]) && at - start < 400)
                start--;
            if (text[at..end].Count('%') >= 3 && Unescape(text[start..end]) is { } decoded)
                found.Add((decoded, start));
            at = Math.Max(end, at + 1);
            if (at >= text.Length)
                return;
        }
    }

    private static string? Unescape(ReadOnlySpan<char> run)
    {
        var decoded = Uri.UnescapeDataString(run.ToString().Replace('+', ' '));
        return decoded.Length < run.Length ? decoded : null;
    }

    private static void FindEscapes(ReadOnlySpan<char> text, List<(string, int)> found)
    {
        var at = text.IndexOf("\\u00");
        if (at < 0 || found.Count >= MostDecoded)
            return;
        var decoded = new StringBuilder();
        var rest = text[at..];
        while (!rest.IsEmpty)
        {
            if (rest.StartsWith("\\u") && rest.Length >= 6 && ushort.TryParse(rest.Slice(2, 4), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var code))
            {
                decoded.Append((char)code);
                rest = rest[6..];
                continue;
            }
            decoded.Append(rest[0]);
            rest = rest[1..];
        }
        found.Add((decoded.ToString(), at));
    }

    /// <summary>"49 67 6e 6f", at least a dozen.</summary>
    private static void FindSpacedHex(ReadOnlySpan<char> text, List<(string, int)> found)
    {
        var bytes = new List<byte>();
        // Twelve pairs cover a place of every twenty-fourth character.
        for (var at = 0; at + 3 <= text.Length && found.Count < MostDecoded; at += 24)
        {
            if (StartOfPair(text, at) is not (>= 0 and var pair))
                continue;
            var start = pair;
            while (start >= 3 && IsPair(text, start - 3))
                start -= 3;
            bytes.Clear();
            var end = start;
            while (IsPair(text, end) && bytes.Count < LongestRun)
            {
                bytes.Add(byte.Parse(text.Slice(end, 2), System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture));
                end += 3;
            }
            if (bytes.Count >= 12)
                Keep(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes), start, found);
            at = Math.Max(at, end - 24);
        }
    }

    private static int StartOfPair(ReadOnlySpan<char> text, int at)
    {
        for (var i = at; i < at + 3; i++)
        {
            if (IsPair(text, i) && IsPair(text, i + 3))
                return i;
        }
        return -1;
    }

    private static bool IsPair(ReadOnlySpan<char> text, int at) => at + 1 < text.Length && char.IsAsciiHexDigit(text[at]) && char.IsAsciiHexDigit(text[at + 1])
        && (at + 2 >= text.Length || text[at + 2] is ' ' or ':' or '\n' or '.') && (at == 0 || !char.IsAsciiLetterOrDigit(text[at - 1]));
}
