namespace Commune.Ai.AttachmentText.Pdf;

/// <summary>
/// Puts blanks and line ends between pieces of text by where they stand on the page: many programs write no spaces, only distances. Pieces stay in the
/// order of the file, which is the order of reading in all but a few documents.
/// </summary>
internal sealed class PdfLayout(CollectedText text)
{
    // In units of the height of the letters.
    private const double Gap = 0.2;
    private const double WideGap = 1.5;
    private const double NewLine = 0.5;
    private const double NewParagraph = 2.0;

    private (double X, double Y, double Height)? end;

    /// <summary>Text that begins at a place and ends at another, in a direction that is mostly the line's.</summary>
    public void Show(string piece, PdfMatrix start, PdfMatrix after, double height)
    {
        if (piece.Length == 0)
            return;
        height = double.IsFinite(height) && height > 0.01 ? height : 1;
        // Along and across the line: on a rotated page a line goes up or down.
        var length = Math.Sqrt(start.A * start.A + start.B * start.B);
        var (dx, dy) = length > 0 ? (start.A / length, start.B / length) : (1, 0);
        if (end is { } last)
        {
            var along = (start.E - last.X) * dx + (start.F - last.Y) * dy;
            var across = Math.Abs((start.F - last.Y) * dx - (start.E - last.X) * dy) / Math.Max(height, last.Height);
            if (across > NewParagraph)
                text.EndParagraph();
            else if (across > NewLine || along < -height * NewParagraph)
                EndLine(next: piece[0]);
            else if (along > height * WideGap)
                text.Append("\t");
            else if (along > height * Gap)
                text.Append(" ");
        }
        text.Append(piece);
        end = double.IsFinite(after.E) && double.IsFinite(after.F) ? (after.E, after.F, height) : null;
    }

    /// <summary>A word that was divided at the end of a line is one word again.</summary>
    private void EndLine(char next)
    {
        if (!char.IsLower(next) || !text.TryDropHyphen())
            text.EndLine();
    }

    public void EndPage()
    {
        end = null;
        text.EndParagraph();
    }
}
