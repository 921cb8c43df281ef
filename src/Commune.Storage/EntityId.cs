using System.Security.Cryptography;

namespace Commune.Storage;

/// <summary>
/// Makes the identifiers of contract section 1: a prefix and 128 random bits in lower-case base 32.
/// Ids of things that are listed by age carry the time and a counter in front, so that they sort as they were made.
/// </summary>
public static class EntityId
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    /// <summary>Random bytes are asked for many ids at once: a call of the generator costs more than its bytes.</summary>
    private const int RandomAtOnce = 1024;
    private static int counter;

    [ThreadStatic]
    private static byte[]? random;

    [ThreadStatic]
    private static int randomLeft;

    /// <summary>An id without order: organisations, domains, inboxes, keys.</summary>
    public static string New(string prefix) => string.Create(prefix.Length + 26, prefix, static (chars, prefix) =>
    {
        prefix.CopyTo(chars);
        FillRandom(chars[prefix.Length..]);
    });

    /// <summary>An id that sorts ordinally by <paramref name="at"/> and, within a millisecond, in the order of making: messages, threads.</summary>
    public static string NewSortable(string prefix, DateTimeOffset at)
    {
        var sequence = (uint)Interlocked.Increment(ref counter) & 0x7fff;
        return string.Create(prefix.Length + 38, (prefix, Time: at.ToUnixTimeMilliseconds(), sequence), static (chars, state) =>
        {
            state.prefix.CopyTo(chars);
            var rest = chars[state.prefix.Length..];
            FillNumber(rest[..9], state.Time);
            FillNumber(rest[9..12], state.sequence);
            FillRandom(rest[12..]);
        });
    }

    private static void FillNumber(Span<char> chars, long value)
    {
        for (var i = chars.Length - 1; i >= 0; i--)
        {
            chars[i] = Alphabet[(int)(value & 31)];
            value >>= 5;
        }
    }

    private static void FillRandom(Span<char> chars)
    {
        random ??= new byte[RandomAtOnce];
        if (randomLeft < chars.Length)
        {
            RandomNumberGenerator.Fill(random);
            randomLeft = random.Length;
        }
        randomLeft -= chars.Length;
        var taken = random.AsSpan(randomLeft, chars.Length);
        for (var i = 0; i < chars.Length; i++)
            chars[i] = Alphabet[taken[i] & 31];
        // What was given out is in memory no longer than the id.
        taken.Clear();
    }
}
