using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Inboxes;

/// <summary>
/// Addresses of the shared domain that speak for all who share it: certificates are issued, and abuse is reported, to whoever reads
/// them. Only the operator's organisation may have them.
/// </summary>
internal static class ReservedAddresses
{
    // RFC 2142, and the addresses at which certificate authorities ask (CA/Browser Forum Baseline Requirements §3.2.2.4.4).
    private static readonly HashSet<string> LocalParts = new(StringComparer.Ordinal)
    {
        "abuse", "admin", "administrator", "dmarc", "dmarc-reports", "hostmaster", "mailer-daemon", "noc", "postmaster", "root", "security", "ssladmin", "tls-rpt", "webmaster",
    };

    public static bool Has(string localPart) => LocalParts.Contains(localPart);

    /// <exception cref="ApiException">409: the address is the operator's.</exception>
    public static void Check(string orgId, Domain domain, string localPart)
    {
        if (domain.Shared && domain.OrgId != orgId && Has(localPart))
            throw ApiException.Conflict($"{localPart}@{domain.Name} is reserved for the operator of this server; choose another local_part", "address_reserved");
    }
}
