using Commune.Mail.Dns;
using Commune.Mail.Spf;

namespace Commune.Mail.Dmarc;

/// <summary>How the authenticated identifiers stand to one author domain.</summary>
/// <param name="By"><c>spf</c> or <c>dkim</c> on a pass.</param>
internal readonly record struct DmarcAlignment(string Result, string? By, string? Problem);

/// <summary>The domains that SPF and DKIM vouch for, and their alignment (RFC 7489 §3.1).</summary>
internal sealed class DmarcIdentifiers(SpfResult? spf, IReadOnlyList<(string Domain, string Result)> dkim)
{
    // Every one may cost questions: a message has not more signatures than this that are worth it.
    private const int MaxSignatures = 20;

    public async ValueTask<DmarcAlignment> AlignAsync(
        string author, string organization, DmarcRecord record, DmarcDiscovery discovery, CancellationToken ct)
    {
        var isTemporary = false;
        foreach (var (domain, result) in dkim.Take(MaxSignatures))
        {
            if (!IsOfUse(result))
                continue;
            var isAligned = await IsAlignedAsync(domain, author, organization, record.StrictDkim, discovery, ct);
            if (isAligned == true && result == DmarcResult.Pass)
                return new DmarcAlignment(DmarcResult.Pass, DmarcResult.ByDkim, null);
            isTemporary |= isAligned is null or true;
        }

        if (spf is not null && IsOfUse(spf.Result))
        {
            var isAligned = await IsAlignedAsync(spf.Domain, author, organization, record.StrictSpf, discovery, ct);
            if (isAligned == true && spf.Result == SpfResult.Pass)
                return new DmarcAlignment(DmarcResult.Pass, DmarcResult.BySpf, null);
            isTemporary |= isAligned is null or true;
        }

        // An aligned identifier that could not be checked might have passed: the message is not to be refused for that.
        return isTemporary
            ? new DmarcAlignment(DmarcResult.TempError, null, "an aligned identifier could not be checked")
            : new DmarcAlignment(DmarcResult.Fail, null, null);
    }

    private static bool IsOfUse(string result) => result is DmarcResult.Pass or DmarcResult.TempError;

    /// <returns>Null when DNS gave no answer.</returns>
    private static async ValueTask<bool?> IsAlignedAsync(
        string domain, string author, string organization, bool strict, DmarcDiscovery discovery, CancellationToken ct)
    {
        if (!DnsName.TryNormalize(domain, out var name))
            return false;
        if (name == author)
            return true;
        // Whatever the organization is, it is an ancestor of both, so that their last labels are the same.
        if (strict || LastLabel(name) != LastLabel(author))
            return false;
        var found = await discovery.OrganizationalDomainAsync(name, ct);
        return found is null ? null : found == organization;
    }

    private static string LastLabel(string name) => name[(name.LastIndexOf('.') + 1)..];
}
