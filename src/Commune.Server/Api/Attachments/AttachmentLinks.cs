using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Commune.Server.Hosting;

namespace Commune.Server.Api.Attachments;

/// <summary>
/// Signs and checks download links. A token is base64url of the key's id (4 bytes), the expiry (Unix seconds, 8 bytes), <c>org/attachment</c>, and the
/// HMAC-SHA256 of all that under a key that all nodes share (<see cref="LinkKeys"/>).
/// </summary>
public sealed class AttachmentLinks(LinkKeys keys, TimeProvider time)
{
    private const int HeadLength = sizeof(uint) + sizeof(long);
    private const int ShortestName = 3;
    private const int LongestToken = 512;

    public async Task<string> SignAsync(string orgId, string attachmentId, DateTimeOffset expires, CancellationToken cancellation)
    {
        var key = await keys.CurrentAsync(cancellation);
        var name = Encoding.UTF8.GetBytes($"{orgId}/{attachmentId}");
        var token = new byte[HeadLength + name.Length + HMACSHA256.HashSizeInBytes];
        BinaryPrimitives.WriteUInt32BigEndian(token, key.Id);
        BinaryPrimitives.WriteInt64BigEndian(token.AsSpan(sizeof(uint)), expires.ToUnixTimeSeconds());
        name.CopyTo(token, HeadLength);
        HMACSHA256.HashData(key.Key, token.AsSpan(0, token.Length - HMACSHA256.HashSizeInBytes), token.AsSpan(token.Length - HMACSHA256.HashSizeInBytes));
        return Base64Url.EncodeToString(token);
    }

    /// <summary>The attachment that the token names, or null when it was tampered with, has expired or was revoked.</summary>
    public async Task<(string OrgId, string AttachmentId)?> CheckAsync(string token, CancellationToken cancellation)
    {
        if (token.Length > LongestToken || !Base64Url.IsValid(token))
            return null;
        var bytes = Base64Url.DecodeFromChars(token);
        var signed = bytes.Length - HMACSHA256.HashSizeInBytes;
        if (signed < HeadLength + ShortestName || await keys.FindAsync(BinaryPrimitives.ReadUInt32BigEndian(bytes), cancellation) is not { } key)
            return null;
        var signature = HMACSHA256.HashData(key.Key, bytes.AsSpan(0, signed));
        if (!CryptographicOperations.FixedTimeEquals(signature, bytes.AsSpan(signed)))
            return null;
        if (BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(sizeof(uint))) <= time.GetUtcNow().ToUnixTimeSeconds())
            return null;
        var name = Encoding.UTF8.GetString(bytes.AsSpan(HeadLength, signed - HeadLength)).Split('/', 2);
        return name.Length == 2 ? (name[0], name[1]) : null;
    }
}
