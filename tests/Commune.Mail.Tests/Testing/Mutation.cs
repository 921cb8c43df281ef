using System.Text;

namespace Commune.Mail.Tests.Testing;

/// <summary>Broken variants of good texts and messages, for fuzz tests of parsers.</summary>
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

    /// <summary>One to seven changes of octets, cuts, doublings, pieces of other messages, splices; now and then the end is cut off.</summary>
    /// <param name="splices">Latin-1 text that the parser under test looks for.</param>
    public static byte[] Of(byte[] message, IReadOnlyList<byte[]> others, IReadOnlyList<string> splices, Random random)
    {
        var bytes = message.ToList();
        for (var left = random.Next(1, 8); left > 0; left--)
        {
            var at = random.Next(bytes.Count + 1);
            switch (random.Next(6))
            {
                case 0 when at < bytes.Count:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(random.Next(60), bytes.Count - at));
                    break;
                case 2:
                    bytes.InsertRange(at, Encoding.Latin1.GetBytes(splices[random.Next(splices.Count)]));
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(200), bytes.Count - at)));
                    break;
                case 4:
                    var other = others[random.Next(others.Count)];
                    var from = random.Next(other.Length);
                    bytes.InsertRange(at, other.AsSpan(from, Math.Min(300, other.Length - from)).ToArray());
                    break;
                default:
                    if (random.Next(4) == 0)
                        bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }
        return [.. bytes];
    }
}
