using Commune.Mail.Dmarc;
using Commune.Mail.Dns;
using Commune.Mail.PublicSuffix;

namespace Commune.Server.Domains;

/// <summary>Does the domain say what becomes of mail that forges it? Any policy will do, also the parent's (RFC 7489 §6.6.3).</summary>
internal static class DmarcCheck
{
    public static async Task<RecordCheck> RunAsync(IDnsResolver dns, IssuedRecord issued, string domain, CancellationToken cancellation)
    {
        var answer = await dns.TxtAsync(issued.Name, cancellation);
        if (answer.IsTemporaryFailure)
            return RecordCheck.Unanswered(issued.Name);
        var found = answer.Records.Where(static text => DmarcRecord.IsDmarc(text)).ToList();
        if (found.Count > 1)
            return RecordCheck.Wrong(found, $"{found.Count} DMARC records were found at {issued.Name}; receivers will ignore all of them. Keep one.");
        if (found.Count == 1)
        {
            return DmarcRecord.TryParse(found[0], out _) ? RecordCheck.Right(found)
                : RecordCheck.Wrong(found, $"The DMARC record at {issued.Name} cannot be read. Write it as: {issued.Value}");
        }
        return await InheritedAsync(dns, domain, cancellation)
            ?? RecordCheck.Missing($"No DMARC record was found at {issued.Name}. Add a TXT record: {issued.Value}");
    }

    private static async Task<RecordCheck?> InheritedAsync(IDnsResolver dns, string domain, CancellationToken cancellation)
    {
        if (PublicSuffixList.Bundled.OrganizationalDomain(domain) is not { } parent || parent == domain)
            return null;
        var found = (await dns.TxtAsync($"_dmarc.{parent}", cancellation)).Records.Where(static text => DmarcRecord.IsDmarc(text)).ToList();
        return found.Count == 1 && DmarcRecord.TryParse(found[0], out _)
            ? RecordCheck.Right(found, $"The policy of _dmarc.{parent} holds for {domain} too.") : null;
    }
}
