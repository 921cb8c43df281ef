namespace Commune.Ai.AttachmentText.Pdf;

/// <summary>LZW as PDF has it (ISO 32000-1 §7.4.4): codes of 9 to 12 bits, most significant first.</summary>
internal static class PdfLzw
{
    private const int Clear = 256;
    private const int EndOfData = 257;
    private const int MostCodes = 4096;

    /// <param name="early">Whether codes grow by a bit one code early, which is usual.</param>
    public static byte[] Decode(ReadOnlySpan<byte> bytes, bool early, ReadingBudget budget)
    {
        var output = new MemoryStream();
        // A code's string is another code's and one more octet.
        var prefixes = new int[MostCodes];
        var last = new byte[MostCodes];
        var stack = new byte[MostCodes + 1];
        var next = 258;
        var width = 9;
        var previous = -1;
        byte first = 0;
        for (var bit = 0L; bit + width <= (long)bytes.Length * 8;)
        {
            var code = 0;
            for (var i = 0; i < width; i++, bit++)
                code = code << 1 | bytes[(int)(bit >> 3)] >> (7 - (int)(bit & 7)) & 1;
            if (code == EndOfData || !budget.Spend(4))
                break;
            if (code == Clear)
            {
                (next, width, previous) = (258, 9, -1);
                continue;
            }
            if (code > next || (code == next && previous < 0))
                break;
            var depth = 0;
            var at = code;
            if (code == next)
            {
                stack[depth++] = first;
                at = previous;
            }
            for (; at > EndOfData; at = prefixes[at])
                stack[depth++] = last[at];
            if (at is Clear or EndOfData)
                break;
            first = (byte)at;
            stack[depth++] = first;
            if (!budget.SpendUnpacked(depth))
                break;
            while (depth > 0)
                output.WriteByte(stack[--depth]);
            if (previous >= 0 && next < MostCodes)
            {
                prefixes[next] = previous;
                last[next++] = first;
            }
            previous = code;
            var limit = next + (early ? 1 : 0);
            width = limit >= 2048 ? 12 : limit >= 1024 ? 11 : limit >= 512 ? 10 : 9;
        }
        return output.ToArray();
    }
}
