using System.Buffers;
using System.Text;
using Commune.Mail.Mime;

namespace Commune.Mail.Addresses;

/// <summary>The words of a display name: RFC 5322 §3.2.3 atoms and §3.2.4 quoted strings.</summary>
internal static class Phrase
{
    // A name of nothing else has its quotes from a program, any other may have them from its owner.
    private static readonly SearchValues<char> PlainName = SearchValues.Create(
        [.. Enumerable.Range(0, 0x250).Select(c => (char)c).Where(c => char.IsLetterOrDigit(c) || " .,-_+@".Contains(c, StringComparison.Ordinal))]);

    /// <summary>atext of RFC 5322 §3.2.3, and with RFC 6532 §3.2 whatever is not ASCII.</summary>
    public static bool IsAtomCharacter(char c) =>
        char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-/=?^_`{|}~".Contains(c, StringComparison.Ordinal)
        || (c >= 0x80 && !char.IsControl(c) && !char.IsWhiteSpace(c));

    /// <summary>The name as it is, or as a quoted string when it holds anything but atoms and single spaces.</summary>
    public static string Quote(string name)
    {
        for (var i = 0; i < name.Length; i++)
        {
            var plain = name[i] == ' ' ? i > 0 && i < name.Length - 1 && name[i - 1] != ' ' : IsAtomCharacter(name[i]);
            if (!plain)
                return QuoteAlways(name);
        }
        return name;
    }

    /// <summary>A quoted string; control characters become spaces.</summary>
    public static string QuoteAlways(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            if (c is '"' or '\\')
                quoted.Append('\\');
            quoted.Append(char.IsControl(c) ? ' ' : c);
        }
        return quoted.Append('"').ToString();
    }

    /// <summary>The name a phrase gives, as people read it; null when it gives none.</summary>
    public static string? Read(string? phrase)
    {
        if (phrase is null)
            return null;
        var name = HeaderText.Tidy(EncodedWords.Decode(phrase));
        if (name.Any(IsInvisible))
            name = string.Concat(name.Where(c => !IsInvisible(c)));
        name = name.Trim();
        // Outlook writes "'kim@example.com'" where it knows no name; others quote what they have encoded already.
        if (name.Length > 2 && name[0] == name[^1] && name[0] is '\'' or '"' && name.AsSpan(1, name.Length - 2).IndexOfAnyExcept(PlainName) < 0)
            name = name[1..^1].Trim();
        return name.Length == 0 ? null : name;
    }

    // What turns the direction of a text or has no width: in a name it only deceives.
    public static bool IsInvisible(char c) => c is '\u200B' or '\u200E' or '\u200F' or '\uFEFF' or (>= '\u202A' and <= '\u202E') or (>= '\u2060' and <= '\u2069');
}
