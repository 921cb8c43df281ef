namespace Commune.Mail.Text;

/// <summary>format=flowed of RFC 3676: paragraphs that were broken with a space at the end of each line.</summary>
public static class FlowedText
{
    /// <summary>Joins the paragraphs of text with LF line ends.</summary>
    /// <param name="deleteSpace">DelSp=yes (§4.2): the space that marks a soft break is not part of the text.</param>
    public static string Join(string text, bool deleteSpace = false) => Changes(text) ? Join(text, deleteSpace, trimEnd: false) : text;

    /// <summary>Whether a line is broken, stuffed or quoted: a text without such lines is joined already.</summary>
    internal static bool Changes(ReadOnlySpan<char> text) =>
        !text.IsEmpty && (text[0] is ' ' or '>' || text[^1] == ' ' || text.Contains(" \n", StringComparison.Ordinal)
            || text.Contains("\n ", StringComparison.Ordinal) || text.Contains("\n>", StringComparison.Ordinal));

    internal static string Join(ReadOnlySpan<char> text, bool deleteSpace, bool trimEnd)
    {
        using var joined = new GrowingText(text.Length);
        // The quote depth of the paragraph being put together, or -1 when none is open.
        var open = -1;
        var rest = text;
        while (true)
        {
            var end = rest.IndexOf('\n');
            var line = end < 0 ? rest : rest[..end];
            var depth = line.IndexOfAnyExcept('>');
            if (depth < 0)
                depth = line.Length;
            var content = line[depth..];
            // §4.4: one space after the quote marks, or before "From", was stuffed.
            if (content.StartsWith(' '))
                content = content[1..];
            // §4.3: the signature separator is never flowed.
            var signature = content is "-- ";
            // §4.5: a change of quote depth ends the paragraph whatever the line says.
            if (open >= 0 && (open != depth || signature))
            {
                joined.Append('\n');
                open = -1;
            }
            if (open < 0 && depth > 0)
            {
                joined.Append('>', depth);
                joined.Append(' ');
            }
            var soft = !signature && content.EndsWith(' ');
            joined.Append(soft && deleteSpace ? content[..^1] : content);
            open = soft ? depth : -1;
            if (end < 0)
                break;
            if (!soft)
                joined.Append('\n');
            rest = rest[(end + 1)..];
        }
        return joined.Until(trimEnd ? joined.Since(0).TrimEnd().Length : joined.Length);
    }
}
