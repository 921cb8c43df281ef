using Commune.Mail.Dkim;
using Commune.Mail.Dmarc;
using Commune.Mail.PublicSuffix;
using Commune.Mail.Spf;
using Commune.Storage;

namespace Commune.Server.Inbound;

/// <summary>Who a mail is from, by its envelope and by its author field, and whether the latter is proven.</summary>
/// <param name="Envelope">Bare, lower case; empty for a null sender.</param>
/// <param name="Author">The only address of the only From field, bare, lower case; empty when there is none, or several.</param>
/// <param name="Named">Everybody whom From and Sender name, in the same form, the one who is shown among them.</param>
/// <param name="IsProven">The author's domain vouches for the mail.</param>
internal sealed record SenderIdentity(string Envelope, string Author, IReadOnlyCollection<string> Named, bool IsProven)
{
    /// <summary>
    /// Proven is what has one author, and passes DMARC for the domain of this one. A domain that publishes no policy is proven by the same signs: a passing SPF or DKIM domain of the
    /// same organisation (RFC 7489 §3.1, relaxed).
    /// </summary>
    public static bool IsProvenBy(MailAuthentication authentication)
    {
        var dmarc = authentication.Dmarc;
        if (authentication.Author is not { } author || !AuthorDomain.TryRead(author.Domain, out var domain) || domain != dmarc.Domain)
            return false;
        if (dmarc.Result == DmarcResult.Pass)
            return true;
        if (dmarc.Result != DmarcResult.None)
            return false;
        return (authentication.Spf.Result == SpfResult.Pass && IsAligned(authentication.Spf.Domain, dmarc.Domain))
            || authentication.Dkim.Any(result => result.Verdict == DkimVerdict.Pass && IsAligned(result.Domain, dmarc.Domain));
    }

    /// <summary>Some of the signs could not be read now, for want of an answer.</summary>
    public static bool MayBeProvenLater(MailAuthentication authentication) => authentication.Dmarc.Result == DmarcResult.TempError
        || authentication.Spf.Result == SpfResult.TempError || authentication.Dkim.Any(static result => result.Verdict == DkimVerdict.TempError);

    /// <summary>The inbox takes the mail.</summary>
    public bool IsTakenBy(SenderLists lists) =>
        !lists.Blocks(Envelope) && !Named.Any(lists.Blocks) && (lists.Mode != SenderLists.AllowOnly || (IsProven && lists.Allows(Author)));

    /// <summary>The two are of one organisation (RFC 7489 §3.1, relaxed).</summary>
    public static bool IsAligned(string domain, string author) =>
        domain.Equals(author, StringComparison.OrdinalIgnoreCase)
        || (PublicSuffixList.Bundled.OrganizationalDomain(domain) is { } one && one == PublicSuffixList.Bundled.OrganizationalDomain(author));
}
