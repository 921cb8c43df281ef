using System.Text.Json;
using Commune.Mail.Dmarc;

namespace Commune.Server.Inbound;

/// <summary>What <c>metadata.authentication</c> of a stored message says for the address that it is shown with.</summary>
internal static class SenderProof
{
    /// <summary>True when DMARC vouches for the domain of the address and the mail has no other author; false when it fails, or says nothing for
    /// this address; null when nothing is known.</summary>
    public static bool? Read(JsonElement authentication, string sender)
    {
        if (!authentication.TryGetProperty("dmarc", out var dmarc) || !dmarc.TryGetProperty("result", out var result))
            return null;
        return result.GetString() switch
        {
            DmarcResult.Pass => IsAbout(dmarc, sender) && HasOneAuthor(authentication),
            DmarcResult.Fail or DmarcResult.PermError => false,
            _ => null,
        };
    }

    private static bool IsAbout(JsonElement dmarc, string sender) =>
        AuthorDomain.TryReadOf(sender, out var name) && dmarc.TryGetProperty("domain", out var domain) && domain.GetString() == name;

    // Mail that was received before this was noted has no such member; the domain is compared there too.
    private static bool HasOneAuthor(JsonElement authentication) =>
        !authentication.TryGetProperty("one_author", out var one) || one.ValueKind == JsonValueKind.True;
}
