using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Commune.Storage;

namespace Commune.Server.Api.Attachments;

/// <summary>
/// Signs and checks download links. A token is base64url of the expiry (Unix seconds, 8 bytes), <c>org/attachment</c>, and the
/// HMAC-SHA256 of both under a secret that all nodes share.
/// </summary>
public sealed class AttachmentLinks(IStore store, TimeProvider time)
{
    private byte[]? key;

    public async Task<string> SignAsync(string orgId, string attachmentId, DateTimeOffset expires, CancellationToken cancellation)
    {
        var name = Encoding.UTF8.GetBytes($"{orgId}/{attachmentId}");
        var token = new byte[8 + name.Length + 32];
        BinaryPrimitives.WriteInt64BigEndian(token, expires.ToUnixTimeSeconds());
        name.CopyTo(token, 8);
        HMACSHA256.HashData(await KeyAsync(cancellation), token.AsSpan(0, token.Length - 32), token.AsSpan(token.Length - 32));
        return Base64Url.EncodeToString(token);
    }

    /// <summary>The attachment that the token names, or null when it was tampered with or has expired.</summary>
    public async Task<(string OrgId, string AttachmentId)?> CheckAsync(string token, CancellationToken cancellation)
    {
        if (token.Length > 512 || !Base64Url.IsValid(token))
            return null;
        var bytes = Base64Url.DecodeFromChars(token);
        if (bytes.Length < 8 + 3 + 32)
            return null;
        var signature = HMACSHA256.HashData(await KeyAsync(cancellation), bytes.AsSpan(0, bytes.Length - 32));
        if (!CryptographicOperations.FixedTimeEquals(signature, bytes.AsSpan(bytes.Length - 32)))
            return null;
        if (BinaryPrimitives.ReadInt64BigEndian(bytes) <= time.GetUtcNow().ToUnixTimeSeconds())
            return null;
        var name = Encoding.UTF8.GetString(bytes.AsSpan(8, bytes.Length - 40)).Split('/', 2);
        return name.Length == 2 ? (name[0], name[1]) : null;
    }

    private async ValueTask<byte[]> KeyAsync(CancellationToken cancellation) =>
        key ??= await store.Secrets.GetOrAddAsync("attachment-links", RandomNumberGenerator.GetBytes(32), cancellation);
}
