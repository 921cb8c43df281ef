namespace Commune.Server.Api.Agents;

/// <summary>
/// Local parts that speak for a whole domain: RFC 2142, and those whose holder a certificate authority takes for the domain's owner
/// (CA/Browser Forum baseline requirements §3.2.2.4.4). A stranger must not register them on the shared domain.
/// </summary>
internal static class ReservedNames
{
    private static readonly HashSet<string> Names = new(StringComparer.Ordinal)
    {
        "abuse", "admin", "administrator", "dmarc", "hostmaster", "mailer-daemon", "noc", "postmaster", "root",
        "security", "ssladmin", "sysadmin", "tls-rpt", "webmaster",
    };

    public static bool Has(string localPart) => Names.Contains(localPart);
}
