using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Commune.Mail.Spf;

/// <summary>A text with macros (RFC 7208 §7), parsed. Expansion is pure: what has to be asked for (the validated name)
/// is asked before, see <see cref="UsesValidatedName"/>.</summary>
internal sealed class SpfMacroString
{
    /// <summary>A literal, or a macro with its transformers. <paramref name="Keep"/> is how many right-hand parts stay,
    /// 0 for all of them.</summary>
    private readonly record struct Part(string? Literal, char Letter, int Keep, bool Reverse, string Delimiters);

    private const string DomainLetters = "slodiphv";
    private const string ExplanationLetters = "slodiphvcrt";
    private const string Delimiters = ".-+,/_=";

    private readonly List<Part> _parts;

    private SpfMacroString(List<Part> parts)
    {
        _parts = parts;
        UsesValidatedName = parts.Exists(part => part.Literal is null && part.Letter is 'p' or 'P');
    }

    public bool UsesValidatedName { get; }

    /// <summary>RFC 7208 §7.1 domain-spec: it must end in a macro or in a dot and a top label.</summary>
    public static bool TryParseDomainSpec(ReadOnlySpan<char> text, [NotNullWhen(true)] out SpfMacroString? macro) =>
        TryParse(text, DomainLetters, allowSpace: false, out macro, out var tail) && EndsAsDomain(text, tail);

    /// <summary>The value of a modifier that is not known (§6, macro-string). It is never expanded.</summary>
    public static bool TryParseText(ReadOnlySpan<char> text, [NotNullWhen(true)] out SpfMacroString? macro) =>
        TryParse(text, ExplanationLetters, allowSpace: false, out macro, out _);

    /// <summary>The text behind exp= (§6.2, explain-string): spaces and three more macro letters are allowed.</summary>
    public static bool TryParseExplanation(ReadOnlySpan<char> text, [NotNullWhen(true)] out SpfMacroString? macro) =>
        TryParse(text, ExplanationLetters, allowSpace: true, out macro, out _);

    /// <returns>Null when the expansion would be longer than <paramref name="maxLength"/>.</returns>
    public string? Expand(SpfMacroValues values, int maxLength)
    {
        var text = new StringBuilder();
        foreach (var part in _parts)
        {
            text.Append(part.Literal ?? Expand(part, values));
            if (text.Length > maxLength)
                return null;
        }

        return text.ToString();
    }

    /// <param name="tail">How many characters stand behind the last macro.</param>
    private static bool TryParse(
        ReadOnlySpan<char> text,
        string letters,
        bool allowSpace,
        [NotNullWhen(true)] out SpfMacroString? macro,
        out int tail)
    {
        macro = null;
        tail = 0;
        var parts = new List<Part>();
        while (!text.IsEmpty)
        {
            var literal = text.IndexOf('%') is var percent and >= 0 ? text[..percent] : text;
            foreach (var c in literal)
            {
                if (c is < ' ' or > '~' || (c == ' ' && !allowSpace))
                    return false;
            }

            if (!literal.IsEmpty)
                parts.Add(new Part(literal.ToString(), default, 0, false, ""));
            text = text[literal.Length..];
            tail = literal.Length;
            if (text.IsEmpty)
                break;
            tail = 0;
            if (!TryParseMacro(ref text, letters, out var part))
                return false;
            parts.Add(part);
        }

        macro = new SpfMacroString(parts);
        return true;
    }

    /// <summary>macro-expand = ( "%{" macro-letter transformers *delimiter "}" ) / "%%" / "%_" / "%-"</summary>
    private static bool TryParseMacro(ref ReadOnlySpan<char> text, string letters, out Part part)
    {
        part = default;
        if (text.Length < 2)
            return false;
        var escaped = text[1] switch { '%' => "%", '_' => " ", '-' => "%20", _ => null };
        if (escaped is not null)
        {
            part = new Part(escaped, default, 0, false, "");
            text = text[2..];
            return true;
        }

        var close = text.IndexOf('}');
        if (text[1] != '{' || close < 3)
            return false;
        var letter = text[2];
        var rest = text[3..close];
        text = text[(close + 1)..];
        if (!letters.Contains(char.ToLowerInvariant(letter), StringComparison.Ordinal))
            return false;

        var digits = 0;
        var keep = 0;
        while (digits < rest.Length && char.IsAsciiDigit(rest[digits]))
        {
            // No name or address has more parts than this.
            keep = Math.Min((keep * 10) + (rest[digits] - '0'), 1000);
            digits++;
        }

        // RFC 7208 §7.1: "The DIGIT transformer [...] it is a syntax error for the number to be zero".
        if (digits > 0 && keep == 0)
            return false;
        rest = rest[digits..];
        var reverse = !rest.IsEmpty && rest[0] is 'r' or 'R';
        if (reverse)
            rest = rest[1..];
        if (rest.ContainsAnyExcept(Delimiters))
            return false;
        part = new Part(null, letter, keep, reverse, rest.IsEmpty ? "." : rest.ToString());
        return true;
    }

    /// <summary>domain-end = ( "." toplabel [ "." ] ) / macro-expand</summary>
    private static bool EndsAsDomain(ReadOnlySpan<char> text, int tail)
    {
        if (text.IsEmpty || tail == 0)
            return !text.IsEmpty;
        text = text[^tail..];
        if (text[^1] == '.')
            text = text[..^1];
        var dot = text.LastIndexOf('.');
        return dot >= 0 && IsTopLabel(text[(dot + 1)..]);
    }

    /// <summary>Letters, digits and inner hyphens, not only digits.</summary>
    private static bool IsTopLabel(ReadOnlySpan<char> label)
    {
        if (label.IsEmpty || label[0] == '-' || label[^1] == '-')
            return false;
        var onlyDigits = true;
        foreach (var c in label)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '-')
                return false;
            onlyDigits &= char.IsAsciiDigit(c);
        }

        return !onlyDigits;
    }

    private static string Expand(Part part, SpfMacroValues values)
    {
        var value = values.Of(char.ToLowerInvariant(part.Letter));
        if (part.Keep > 0 || part.Reverse || part.Delimiters != ".")
        {
            var pieces = value.Split(part.Delimiters.ToCharArray());
            if (part.Reverse)
                Array.Reverse(pieces);
            var kept = part.Keep == 0 ? pieces.Length : Math.Min(part.Keep, pieces.Length);
            value = string.Join('.', pieces, pieces.Length - kept, kept);
        }

        // RFC 7208 §7.3: an upper-case macro is URL-escaped; Uri's unreserved set is the one of RFC 3986.
        return char.IsAsciiLetterUpper(part.Letter) ? Uri.EscapeDataString(value) : value;
    }
}
