namespace Commune.Mail.Tests.Testing;

/// <summary>Broken variants of a good text, for fuzz tests of text parsers.</summary>
internal static class Mutation
{
    private const string Alphabet = "%{}:/=;,.-+~?_ abcdrsvAZ019\0\r\n\t\"\\\u00e9\ud83d\uFFFD";

    /// <summary>One to eight cuts, doublings, insertions or replacements.</summary>
    public static string Of(string text, Random random)
    {
        for (var left = random.Next(1, 9); left > 0; left--)
        {
            var at = random.Next(text.Length + 1);
            var length = random.Next(Math.Min(12, text.Length - at) + 1);
            text = random.Next(4) switch
            {
                0 => text.Remove(at, length),
                1 => text.Insert(at, text.Substring(at, length)),
                2 => text.Insert(at, Alphabet[random.Next(Alphabet.Length)].ToString()),
                _ => text.Remove(at, length).Insert(at, Alphabet[random.Next(Alphabet.Length)].ToString()),
            };
        }

        return text;
    }
}
