using System.Globalization;
using System.Text;

namespace Commune.SearchEvaluation;

/// <summary>The simplest words of a text: runs of letters and digits in lower case; pairs of characters where a script has no spaces.</summary>
public static class PlainWords
{
    public static IEnumerable<string> Of(string text)
    {
        var word = new StringBuilder();
        char? before = null;
        foreach (var c in text.ToLower(CultureInfo.InvariantCulture))
        {
            var together = IsWrittenTogether(c);
            if (!together && char.IsLetterOrDigit(c))
            {
                word.Append(c);
                before = null;
                continue;
            }
            if (word.Length > 0)
                yield return word.ToString();
            word.Clear();
            if (together && before is { } first)
                yield return $"{first}{c}";
            before = together ? c : null;
        }
        if (word.Length > 0)
            yield return word.ToString();
    }

    private static bool IsWrittenTogether(char c) => c is (>= '\u3040' and <= '\u30FF') or (>= '\u3400' and <= '\u9FFF');
}
