using System.Security.Cryptography;
using System.Text;

namespace Commune.Storage.Postgres;

/// <summary>What PostgreSQL's <c>text</c> and its B-trees cannot hold, made so that they can: mail may contain anything.</summary>
internal static class PostgresText
{
    /// <summary>A B-tree entry holds 2704 bytes at most; 500 characters are 1500 to 2000 bytes of UTF-8.</summary>
    private const int LongestKey = 500;

    /// <summary>Text without U+0000 and without halves of surrogate pairs: each becomes U+FFFD. Applied to every parameter.</summary>
    public static string Storable(string text)
    {
        if (!text.Contains('\0') && text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0)
            return text;
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            clean.Append(rune.Value == 0 ? "\uFFFD" : rune.ToString());
        return clean.ToString();
    }

    /// <summary>The form in which a text of unbounded length stands in an index: itself when short, else its hash.</summary>
    public static string Key(string text) =>
        text.Length <= LongestKey ? Storable(text) : "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Storable(text))));
}
