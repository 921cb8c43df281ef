using System.Globalization;
using System.Text;

namespace Commune.Mail.Mime;

/// <summary>Names that strangers give to files, made harmless.</summary>
internal static class FileNames
{
    private const int Longest = 200;

    /// <summary>The last path component without control and direction characters, at most 200 characters; null when nothing is left.</summary>
    public static string? Clean(string? name)
    {
        if (string.IsNullOrEmpty(name))
            return null;
        name = HeaderText.Tidy(EncodedWords.Decode(name));
        name = name[(name.AsSpan().LastIndexOfAny('/', '\\') + 1)..];
        var clean = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            // Format characters hide the real extension by turning the direction of the text (U+202E).
            if (!char.IsControl(c) && CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.Format)
                clean.Append(c);
        }
        var result = Charsets.Clean(clean.ToString()).Trim();
        if (result.Length > Longest)
            result = Shorten(result);
        return result.Trim('.').Length == 0 ? null : result;
    }

    private static string Shorten(string name)
    {
        var dot = name.LastIndexOf('.');
        var extension = dot > 0 && name.Length - dot <= 20 ? name[dot..] : "";
        var stem = name.AsSpan(0, Longest - extension.Length);
        if (char.IsHighSurrogate(stem[^1]))
            stem = stem[..^1];
        return string.Concat(stem, extension);
    }
}
