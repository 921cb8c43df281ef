namespace Commune.Ai.AttachmentText.Pdf;

/// <summary>Undoes the prediction that was made before compression (ISO 32000-1 §7.4.4.4): cross-reference streams have it, mostly.</summary>
internal static class PdfPredictor
{
    private const int WidestRow = 1024 * 1024;

    public static byte[] Undo(byte[] bytes, PdfObject.Dictionary settings, ReadingBudget budget)
    {
        var predictor = Whole(settings, "Predictor", 1);
        if (predictor <= 1)
            return bytes;
        var colours = Math.Clamp(Whole(settings, "Colors", 1), 1, 64);
        var bits = Math.Clamp(Whole(settings, "BitsPerComponent", 8), 1, 16);
        var columns = Math.Clamp(Whole(settings, "Columns", 1), 1, WidestRow);
        var pixel = Math.Max(1, colours * bits / 8);
        var row = (int)Math.Min(WidestRow, ((long)colours * bits * columns + 7) / 8);
        budget.Spend(bytes.Length / 4);
        return predictor == 2 ? Tiff(bytes, row, pixel, bits) : Png(bytes, row, pixel);
    }

    private static int Whole(PdfObject.Dictionary settings, string name, int usual) => settings[name] is PdfObject.Number number ? number.Whole : usual;

    private static byte[] Tiff(byte[] bytes, int row, int pixel, int bits)
    {
        if (bits != 8)
            return bytes;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (i % row >= pixel)
                bytes[i] += bytes[i - pixel];
        }
        return bytes;
    }

    // PNG (ISO/IEC 15948) §9: each row begins with its filter.
    private static byte[] Png(byte[] bytes, int row, int pixel)
    {
        var rows = (bytes.Length + row) / (row + 1);
        var output = new byte[Math.Max(0, bytes.Length - rows)];
        for (int from = 0, to = 0; from < bytes.Length && to < output.Length;)
        {
            var filter = bytes[from++];
            var length = Math.Min(row, Math.Min(bytes.Length - from, output.Length - to));
            for (var i = 0; i < length; i++)
            {
                var left = i >= pixel ? output[to + i - pixel] : 0;
                var up = to >= row ? output[to + i - row] : 0;
                var corner = i >= pixel && to >= row ? output[to + i - row - pixel] : 0;
                output[to + i] = (byte)(bytes[from + i] + filter switch
                {
                    1 => left,
                    2 => up,
                    3 => (left + up) / 2,
                    4 => Paeth(left, up, corner),
                    _ => 0,
                });
            }
            from += length;
            to += length;
        }
        return output;
    }

    private static int Paeth(int left, int up, int corner)
    {
        var estimate = left + up - corner;
        var (a, b, c) = (Math.Abs(estimate - left), Math.Abs(estimate - up), Math.Abs(estimate - corner));
        return a <= b && a <= c ? left : b <= c ? up : corner;
    }
}
