using System.Globalization;
using System.Text;

namespace Commune.Ai.JsonSchema;

/// <summary>Host names as RFC 1123 and RFC 5890 have them.</summary>
internal static class HostName
{
    public static bool IsValid(string name) =>
        name.Length is > 0 and <= 253 && name.Split('.').All(static label => IsLabel(label) && IsEncodedWell(label));

    public static bool IsValidInternational(string name)
    {
        // RFC 3490 §3.1: these three stand for the full stop as well.
        var dotted = name.Replace('\u3002', '.').Replace('\uFF0E', '.').Replace('\uFF61', '.');
        return dotted.Length is > 0 and <= 253 && dotted.Split('.').All(IsInternationalLabel);
    }

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-'
        && label.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-');

    /// <summary>RFC 5891 §4.2.3.1: two hyphens in third and fourth place belong to encoded names, which must decode.</summary>
    private static bool IsEncodedWell(string label)
    {
        if (label.Length < 4 || label[2] != '-' || label[3] != '-')
            return true;
        return label.StartsWith("xn--", StringComparison.OrdinalIgnoreCase) && Decode(label) is { } decoded && IsDecodedLabel(decoded);
    }

    private static bool IsInternationalLabel(string label)
    {
        if (label.All(char.IsAscii))
            return IsLabel(label) && IsEncodedWell(label);
        return IsDecodedLabel(label) && Encode(label) is { } encoded && encoded.Length <= 63;
    }

    private static bool IsDecodedLabel(string label)
    {
        if (label.Length == 0 || label[0] == '-' || label[^1] == '-' || (label.Length > 3 && label[2] == '-' && label[3] == '-'))
            return false;
        if (!label.IsNormalized(NormalizationForm.FormC))
            return false;
        var first = Rune.GetUnicodeCategory(label.EnumerateRunes().First());
        if (first is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark)
            return false;
        return label.EnumerateRunes().All(static rune => rune.IsAscii
            ? Rune.IsLetterOrDigit(rune) || rune.Value == '-'
            : IsAllowed(rune)) && ContextRules.AreKept(label);
    }

    /// <summary>RFC 5892 §2.1: letters, digits and marks, and the exceptions of §2.6.</summary>
    private static bool IsAllowed(Rune rune)
    {
        if (rune.Value is 0x0640 or 0x07FA or 0x302E or 0x302F or (>= 0x3031 and <= 0x3035) or 0x303B)
            return false;
        if (rune.Value is 0xB7 or 0x375 or 0x5F3 or 0x5F4 or 0x30FB or 0x200C or 0x200D or 0x6FD or 0x6FE or 0xF0B or 0x3007)
            return true;
        return Rune.GetUnicodeCategory(rune) is UnicodeCategory.LowercaseLetter or UnicodeCategory.OtherLetter or UnicodeCategory.ModifierLetter
            or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.DecimalDigitNumber;
    }

    private static string? Decode(string label)
    {
        try
        {
            return new IdnMapping { AllowUnassigned = true }.GetUnicode(label);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static string? Encode(string label)
    {
        try
        {
            return new IdnMapping { AllowUnassigned = true }.GetAscii(label);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
