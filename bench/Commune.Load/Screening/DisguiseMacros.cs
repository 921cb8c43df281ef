using System.Text;
using System.Text.RegularExpressions;

namespace Commune.Load;

/// <summary>Writes <c>{{b64:…}}</c> and its like in the sample mails as an attacker would, so that the samples stay readable.</summary>
internal static partial class DisguiseMacros
{
    private const string Latin = "aceiopsxy";
    private const string Cyrillic = "асеіорѕху";

    public static string Expand(string text) => Macro().Replace(text, static match => Write(match.Groups["name"].Value, match.Groups["words"].Value));

    private static string Write(string name, string words) => name switch
    {
        "zw" => string.Join('\u200B', words.ToCharArray()),
        "shy" => string.Join('\u00AD', words.ToCharArray()),
        "marks" => string.Concat(words.Select(static c => c + "\u0336")),
        "tags" => string.Concat(words.Select(static c => char.ConvertFromUtf32(0xE0000 + c))),
        "vs" => string.Concat(Encoding.UTF8.GetBytes(words).Select(static b => char.ConvertFromUtf32(b < 16 ? 0xFE00 + b : 0xE0100 + b - 16))),
        "bidi" => "\u202E" + words + "\u202C",
        "homo" => string.Concat(words.Select(static c => Latin.IndexOf(c, StringComparison.Ordinal) is >= 0 and var at ? Cyrillic[at] : c)),
        "spaced" => string.Join("   ", words.Split(' ').Select(static word => string.Join(' ', word.ToCharArray()))),
        "wide" => string.Concat(words.Select(static c => c is > ' ' and <= '~' ? (char)(c - '!' + '\uFF01') : c)),
        "math" => string.Concat(words.Select(static c => c switch
        {
            >= 'a' and <= 'z' => char.ConvertFromUtf32(0x1D41A + c - 'a'),
            >= 'A' and <= 'Z' => char.ConvertFromUtf32(0x1D400 + c - 'A'),
            _ => c.ToString(),
        })),
        "b64" => Base64(words),
        "b64b64" => Base64(Base64(words)),
        "hex" => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(words)),
        "hexsp" => string.Join(' ', Encoding.UTF8.GetBytes(words).Select(static b => b.ToString("x2"))),
        "rot13" => string.Concat(words.Select(static c => char.IsAsciiLetter(c) ? (char)((c & 0x60 | 1) + (((c & 0x1F) + 12) % 26)) : c)),
        "url" => string.Concat(words.Select(static c => char.IsAsciiLetter(c) && c % 3 > 0 ? c.ToString() : "%" + ((int)c).ToString("X2"))),
        "uesc" => string.Concat(words.Select(static c => "\\u" + ((int)c).ToString("x4"))),
        _ => throw new LoadException($"The sample mails use the unknown macro {name}"),
    };

    private static string Base64(string words) => Convert.ToBase64String(Encoding.UTF8.GetBytes(words));

    [GeneratedRegex(@"\{\{(?<name>[a-z0-9]+):(?<words>.*?)\}\}", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Macro();
}
