using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Commune.Mail.Smtp.Server;

/// <summary>
/// Follows the line ends of a message body across any number of pieces, 64 octets at a time. RFC 5321 §2.3.8: CR and LF
/// appear only together, and only CRLF ends a line; what takes anything else for a line end can be made to see
/// a second message inside the first (SMTP smuggling), so that a bare CR or LF is noted and never ends a line here.
/// </summary>
internal struct LineScanner
{
    private bool _afterCr;
    private bool _atLineStart;

    private LineScanner(bool atLineStart) => _atLineStart = atLineStart;

    /// <summary>A scanner in front of the first line.</summary>
    public static LineScanner AtBodyStart => new(atLineStart: true);

    /// <summary>A CR without an LF behind it, or an LF without a CR before it, has been seen.</summary>
    public bool SawBareLineEnd { get; private set; }

    /// <summary>The last octet was a CR whose LF has not come yet.</summary>
    public readonly bool EndsInCr => _afterCr;

    /// <summary>Reads all of the piece.</summary>
    public void Scan(ReadOnlySpan<byte> piece) => Scan(piece, stopAt: 0);

    /// <summary>Reads up to the first dot that begins a line. Returns its index, and stands behind it; or the length when there is none.</summary>
    public int ScanToLeadingDot(ReadOnlySpan<byte> piece) => Scan(piece, stopAt: ulong.MaxValue);

    /// <summary>The dot that stood before was followed by a CR, which was held back until now.</summary>
    public void AcceptCr() => _afterCr = true;

    private int Scan(ReadOnlySpan<byte> piece, ulong stopAt)
    {
        ref var start = ref MemoryMarshal.GetReference(piece);
        ulong crCarry = _afterCr ? 1UL : 0;
        ulong lineCarry = _atLineStart ? 1UL : 0;
        ulong bare = 0;
        var i = 0;
        // One bit per octet: what follows a CR must be an LF and the other way round, so that the two
        // sets differ exactly where a bare CR or LF is.
        for (; i <= piece.Length - 64; i += 64)
        {
            var low = Vector256.LoadUnsafe(ref start, (nuint)i);
            var high = Vector256.LoadUnsafe(ref start, (nuint)i + 32);
            var cr = Where(low, high, (byte)'\r');
            var lf = Where(low, high, (byte)'\n');
            var afterCr = (cr << 1) | crCarry;
            var lineEnd = lf & afterCr;
            var dots = Where(low, high, (byte)'.') & ((lineEnd << 1) | lineCarry) & stopAt;
            if (dots != 0)
            {
                var dot = BitOperations.TrailingZeroCount(dots);
                bare |= (lf ^ afterCr) & ((1UL << dot) - 1);
                return Stop(i + dot, afterCr: false, atLineStart: false, bare != 0);
            }

            bare |= lf ^ afterCr;
            crCarry = cr >> 63;
            lineCarry = lineEnd >> 63;
        }

        var isAfterCr = crCarry != 0;
        var isLineStart = lineCarry != 0;
        var sawBare = bare != 0;
        for (; i < piece.Length; i++)
        {
            var b = piece[i];
            if (b == '.' && isLineStart && stopAt != 0)
                return Stop(i, afterCr: false, atLineStart: false, sawBare);
            var isLf = b == '\n';
            sawBare |= isLf != isAfterCr;
            isLineStart = isLf && isAfterCr;
            isAfterCr = b == '\r';
        }

        return Stop(i, isAfterCr, isLineStart, sawBare);
    }

    private int Stop(int index, bool afterCr, bool atLineStart, bool sawBare)
    {
        _afterCr = afterCr;
        _atLineStart = atLineStart;
        SawBareLineEnd |= sawBare;
        return index;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Where(Vector256<byte> low, Vector256<byte> high, byte value) =>
        Vector256.Equals(low, Vector256.Create(value)).ExtractMostSignificantBits() |
        ((ulong)Vector256.Equals(high, Vector256.Create(value)).ExtractMostSignificantBits() << 32);
}
