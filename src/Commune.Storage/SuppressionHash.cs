using System.Security.Cryptography;
using System.Text;

namespace Commune.Storage;

/// <summary>
/// What is kept of a suppressed address when the data around it is deleted: enough to leave it alone, too little to write to it. The key is a
/// secret of this server, so that a stolen table cannot be tried against lists of addresses.
/// </summary>
internal static class SuppressionHash
{
    /// <summary>Of the key, among the secrets.</summary>
    public const string SecretName = "suppression-hashes";

    public static byte[] NewKey() => RandomNumberGenerator.GetBytes(32);

    public static byte[] Of(byte[] key, string address) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(address.ToLowerInvariant()));

    /// <summary>The entry as it stands for an address that is asked for: of the whole organisation, without what led to it.</summary>
    public static Suppression ToEntry(string orgId, byte[] hash, string address, string reason, long at) => new(
        orgId, "sup_" + Convert.ToHexStringLower(hash.AsSpan(0, 16)), address.ToLowerInvariant(), null, null, reason, null, null, at, null);
}
