using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Commune.Storage;

namespace Commune.Server.Outbound;

/// <summary>Whom an unsubscribe link frees from the mail of which inbox.</summary>
public sealed record Unsubscription(string OrgId, string InboxId, string Recipient);

/// <summary>
/// Signs and checks unsubscribe links. A token is base64url of <c>org/inbox/recipient</c> and its HMAC-SHA256 under a secret that all nodes share.
/// It has no end: mail is read years later, and an old wish counts too.
/// </summary>
public sealed class UnsubscribeLinks(IStore store)
{
    private const int MostCharacters = 1024;
    private byte[]? key;

    public async Task<string> SignAsync(Unsubscription link, CancellationToken cancellation)
    {
        var name = Encoding.UTF8.GetBytes($"{link.OrgId}/{link.InboxId}/{link.Recipient}");
        return Base64Url.EncodeToString([.. name, .. HMACSHA256.HashData(await KeyAsync(cancellation), name)]);
    }

    /// <summary>Null when the token was changed.</summary>
    public async Task<Unsubscription?> CheckAsync(string token, CancellationToken cancellation)
    {
        if (token.Length > MostCharacters || !Base64Url.IsValid(token))
            return null;
        var bytes = Base64Url.DecodeFromChars(token);
        if (bytes.Length <= HMACSHA256.HashSizeInBytes)
            return null;
        var length = bytes.Length - HMACSHA256.HashSizeInBytes;
        var signature = HMACSHA256.HashData(await KeyAsync(cancellation), bytes.AsSpan(0, length));
        if (!CryptographicOperations.FixedTimeEquals(signature, bytes.AsSpan(length)))
            return null;
        return Encoding.UTF8.GetString(bytes.AsSpan(0, length)).Split('/', 3) is [var orgId, var inboxId, var recipient]
            ? new Unsubscription(orgId, inboxId, recipient) : null;
    }

    private async ValueTask<byte[]> KeyAsync(CancellationToken cancellation) =>
        key ??= await store.Secrets.GetOrAddAsync("unsubscribe-links", RandomNumberGenerator.GetBytes(32), cancellation);
}
