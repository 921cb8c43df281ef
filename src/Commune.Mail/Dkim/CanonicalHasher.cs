using System.Buffers;
using System.Security.Cryptography;

namespace Commune.Mail.Dkim;

/// <summary>Hashes canonical octets. Canonicalization hands over words, and a hash costs the same call for a word as
/// for kilobytes: so they are gathered first.</summary>
internal sealed class CanonicalHasher(HashAlgorithmName algorithm, ulong limit = ulong.MaxValue) : IDisposable
{
    private const int BufferSize = 4096;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(algorithm);
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int _used;

    /// <summary>All that was handed over, hashed or beyond the limit.</summary>
    public ulong Total { get; private set; }

    public void Append(ReadOnlySpan<byte> octets)
    {
        var room = limit - Math.Min(limit, Total);
        Total += (ulong)octets.Length;
        if ((ulong)octets.Length > room)
            octets = octets[..(int)room];
        if (octets.Length > _buffer.Length - _used)
        {
            Flush();
            if (octets.Length > _buffer.Length)
            {
                _hash.AppendData(octets);
                return;
            }
        }

        octets.CopyTo(_buffer.AsSpan(_used));
        _used += octets.Length;
    }

    public byte[] Finish()
    {
        Flush();
        return _hash.GetHashAndReset();
    }

    public void Dispose()
    {
        _hash.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
    }

    private void Flush()
    {
        _hash.AppendData(_buffer, 0, _used);
        _used = 0;
    }
}
