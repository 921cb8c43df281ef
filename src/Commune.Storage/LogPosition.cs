using System.Security.Cryptography;
using System.Text;

namespace Commune.Storage;

/// <summary>
/// A position in an organisation's log, which is the id of the event that stands there: its number, and a mark of the organisation's log, so that an id of another log is told from one of this log.
/// Ids of one organisation sort as its events do.
/// </summary>
public static class LogPosition
{
    private const string Prefix = "evt_";
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int NumberLength = 10;
    private const int MarkLength = 16;
    private const long LargestNumber = 1L << (5 * NumberLength);

    /// <summary>Number 0 names the place before the first event.</summary>
    public static string Of(string orgId, long sequence) => string.Create(
        Prefix.Length + NumberLength + MarkLength, (orgId, sequence), static (id, log) =>
        {
            Prefix.CopyTo(id);
            var number = id.Slice(Prefix.Length, NumberLength);
            var rest = log.sequence;
            for (var i = NumberLength - 1; i >= 0; i--, rest >>= 5)
                number[i] = Alphabet[(int)(rest & 31)];

            var text = $"{log.orgId}:{log.sequence}";
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
            var mark = id[(Prefix.Length + NumberLength)..];
            for (var i = 0; i < MarkLength; i++)
                mark[i] = Alphabet[hash[i] & 31];
        });

    /// <summary>False when the text is not the id of an event of this organisation's log.</summary>
    public static bool TryRead(string orgId, string text, out long sequence)
    {
        sequence = 0;
        if (text.Length != Prefix.Length + NumberLength + MarkLength || !text.StartsWith(Prefix, StringComparison.Ordinal))
            return false;
        foreach (var character in text.AsSpan(Prefix.Length, NumberLength))
        {
            var digit = Alphabet.IndexOf(character, StringComparison.Ordinal);
            if (digit < 0)
                return false;
            sequence = (sequence << 5) | (uint)digit;
        }
        return sequence < LargestNumber && text == Of(orgId, sequence);
    }
}
