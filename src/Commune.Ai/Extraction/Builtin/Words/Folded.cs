using System.Globalization;
using System.Text;

namespace Commune.Ai.Extraction.Builtin.Words;

/// <summary>Words without what differs between ways to write them: case, accents, typographic apostrophes.</summary>
internal static class Folded
{
    /// <summary>"Größe" is "grosse", "N°" is "n", "Don’t" is "don't".</summary>
    public static string Of(ReadOnlySpan<char> word)
    {
        if (IsPlain(word))
            return word.ToString();
        var folded = new StringBuilder(word.Length);
        foreach (var c in Normalized(word))
        {
            if (CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.Format)
                continue;
            switch (c)
            {
                case 'ß':
                    folded.Append("ss");
                    break;
                case 'æ' or 'Æ':
                    folded.Append("ae");
                    break;
                case 'œ' or 'Œ':
                    folded.Append("oe");
                    break;
                case 'ø' or 'Ø':
                    folded.Append('o');
                    break;
                case '’' or '‘' or 'ʼ' or '´' or '`':
                    folded.Append('\'');
                    break;
                case '°' or 'º' or 'ª':
                    break;
                default:
                    folded.Append(char.ToLowerInvariant(c));
                    break;
            }
        }
        return folded.ToString();
    }

    private static bool IsPlain(ReadOnlySpan<char> word)
    {
        foreach (var c in word)
        {
            if (c is not (>= 'a' and <= 'z' or >= '0' and <= '9' or '\''))
                return false;
        }
        return true;
    }

    private static string Normalized(ReadOnlySpan<char> word)
    {
        var text = word.ToString();
        try
        {
            return text.Normalize(NormalizationForm.FormD);
        }
        catch (ArgumentException)
        {
            // Half of a surrogate pair has no normal form.
            return text;
        }
    }
}
