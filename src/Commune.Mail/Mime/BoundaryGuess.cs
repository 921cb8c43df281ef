namespace Commune.Mail.Mime;

/// <summary>Finds the boundary that a multipart really uses when its header names none, or a wrong one.</summary>
internal static class BoundaryGuess
{
    private const int MostCandidates = 20;
    private const int LongestBoundary = 200;

    /// <summary>The first line "--something" that is followed by a Content- field; null when there is none.</summary>
    public static byte[]? Find(ReadOnlySpan<byte> body)
    {
        var at = 0;
        for (var candidate = 0; candidate < MostCandidates; candidate++)
        {
            if (!body[at..].StartsWith("--"u8))
            {
                var next = body[at..].IndexOf("\n--"u8);
                if (next < 0)
                    return null;
                at += next + 1;
            }
            var lineEnd = body[at..].IndexOf((byte)'\n');
            if (lineEnd < 0)
                return null;
            var boundary = body.Slice(at + 2, lineEnd - 2).TrimEnd(" \t\r"u8);
            at += lineEnd + 1;
            if (boundary.Length is > 1 and <= LongestBoundary && !boundary.Contains((byte)' ') && LooksLikePart(body[at..]))
                return boundary.ToArray();
        }
        return null;
    }

    private static bool LooksLikePart(ReadOnlySpan<byte> rest) =>
        rest.Length > 8 && System.Text.Ascii.EqualsIgnoreCase(rest[..8], "content-"u8);
}
