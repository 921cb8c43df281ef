using System.Security.Cryptography;
using System.Text;
using Commune.Storage;

namespace Commune.Server.Outbound;

/// <summary>What the envelope sender of a mail of ours says of it.</summary>
/// <param name="MessagePrefix">What the message's id begins with.</param>
/// <param name="RecipientTag">Of the only recipient of that envelope (<see cref="ReturnPaths.TagOf"/>); null when it had several.</param>
public sealed record ReturnPath(string OrgId, string MessagePrefix, string? RecipientTag);

/// <summary>
/// Makes and reads variable envelope return paths: <c>bounces+token@sending domain</c>. A mail that cannot be delivered comes back there, whatever else
/// the report forgets to tell. The token is the organisation's id, the first 16 characters of the message's, three of a hash of the recipient, and ten
/// (50 bits) of an HMAC over these and the domain: it needs no row, cannot be guessed, and survives what folds its case. 63 characters make the local part,
/// one less than RFC 5321 §4.5.3.1.1 allows.
/// </summary>
public sealed class ReturnPaths(IStore store)
{
    private const string LocalPrefix = "bounces+";
    private const string OrgPrefix = "org_";
    private const string MessagePrefix = "msg_";
    private const int OrgLength = 26;
    private const int MessageLength = 16;
    private const int TagLength = 3;
    private const int SealLength = 10;
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    /// <summary>Instead of a tag: the envelope had several recipients.</summary>
    private const string Several = "---";
    private byte[]? key;

    /// <summary>The envelope sender for one attempt; the plain sender's address when the ids are not of our making.</summary>
    public async ValueTask<string> ForAsync(OutboundEnvelope envelope, CancellationToken cancellation)
    {
        var at = envelope.SenderAddress.LastIndexOf('@');
        var domain = envelope.SenderAddress[(at + 1)..].ToLowerInvariant();
        if (envelope.OrgId.Length != OrgPrefix.Length + OrgLength || envelope.MessageId.Length < MessagePrefix.Length + MessageLength || !Ascii.IsValid(domain))
            return envelope.SenderAddress;
        var tag = envelope.Recipients is [var only] ? TagOf(only) : Several;
        var names = envelope.OrgId[OrgPrefix.Length..] + envelope.MessageId.Substring(MessagePrefix.Length, MessageLength) + tag;
        return $"{LocalPrefix}{names}{Seal(await KeyAsync(cancellation), names, domain)}@{domain}";
    }

    /// <summary>Null for every other address, and for one that was tampered with.</summary>
    public async ValueTask<ReturnPath?> ReadAsync(string localPart, string domain, CancellationToken cancellation)
    {
        var local = localPart.ToLowerInvariant();
        if (!local.StartsWith(LocalPrefix, StringComparison.Ordinal) || local.Length != LocalPrefix.Length + OrgLength + MessageLength + TagLength + SealLength)
            return null;
        var names = local[LocalPrefix.Length..^SealLength];
        var expected = Seal(await KeyAsync(cancellation), names, domain.ToLowerInvariant());
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(local[^SealLength..]), Encoding.UTF8.GetBytes(expected)))
            return null;
        var tag = names[^TagLength..];
        return new ReturnPath(
            OrgPrefix + names[..OrgLength], MessagePrefix + names.Substring(OrgLength, MessageLength), tag == Several ? null : tag);
    }

    /// <summary>Reads an address that a report gives; null as above.</summary>
    public ValueTask<ReturnPath?> ReadAsync(string address, CancellationToken cancellation)
    {
        var at = address.LastIndexOf('@');
        return at < 0 ? ValueTask.FromResult<ReturnPath?>(null) : ReadAsync(address[..at], address[(at + 1)..], cancellation);
    }

    /// <summary>Tells the few recipients of one message apart.</summary>
    public static string TagOf(string recipient) => Base32(SHA256.HashData(Encoding.UTF8.GetBytes(recipient.ToLowerInvariant())), TagLength);

    private static string Seal(byte[] key, string names, string domain) =>
        Base32(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{names}@{domain}")), SealLength);

    private static string Base32(ReadOnlySpan<byte> bytes, int length)
    {
        Span<char> text = stackalloc char[length];
        for (var i = 0; i < length; i++)
            text[i] = Alphabet[bytes[i] & 31];
        return text.ToString();
    }

    private async ValueTask<byte[]> KeyAsync(CancellationToken cancellation) =>
        key ??= await store.Secrets.GetOrAddAsync("return-paths", RandomNumberGenerator.GetBytes(32), cancellation);
}
