using System.Security.Cryptography;
using Commune.Mail.Addresses;
using Commune.Mail.Dns;
using Commune.Mail.PublicSuffix;
using Commune.Mail.Spf;

namespace Commune.Mail.Dmarc;

/// <summary>Checks whether SPF or DKIM speak for the domain that a reader sees in From (RFC 7489 §6.6). Thread-safe.</summary>
/// <param name="percentile">A number from 0 to 99 for the sampling of pct=; random by default.</param>
public sealed class DmarcVerifier(
    IDnsResolver dns, PublicSuffixList suffixes, DmarcSettings? settings = null, Func<int>? percentile = null)
{
    private readonly DmarcSettings _settings = settings ?? new DmarcSettings();
    private readonly Func<int> _percentile = percentile ?? (static () => RandomNumberGenerator.GetInt32(100));

    /// <summary>One verdict for the message. With several author domains every one of them is checked, and the strictest
    /// policy among those that fail decides (§6.6.1). An author without a usable domain can't be checked: others may make
    /// the message fail, but not pass.</summary>
    /// <param name="from">All addresses of all From fields. Without a domain among them the result is permerror.</param>
    /// <param name="spf">The SPF verdict; null when none was sought.</param>
    /// <param name="dkim">One entry a signature: its d= and its result in a word of RFC 8601.</param>
    public async ValueTask<DmarcResult> CheckAsync(
        IReadOnlyList<Mailbox> from,
        SpfResult? spf,
        IReadOnlyList<(string Domain, string Result)> dkim,
        CancellationToken ct)
    {
        var domains = new List<string>();
        DmarcResult? weightiest = null;
        foreach (var author in from)
        {
            if (!AuthorDomain.TryRead(author.Domain, out var domain))
                weightiest = WithoutDomain("From names an author whose domain is none");
            else if (!domains.Contains(domain, StringComparer.Ordinal))
                domains.Add(domain);

            if (domains.Count > _settings.MaxAuthorDomains)
                return WithoutDomain("From names too many domains");
        }

        if (domains.Count == 0)
            return WithoutDomain("From names no domain");
        var identifiers = new DmarcIdentifiers(spf, dkim);
        var discovery = new DmarcDiscovery(dns, suffixes, _settings.TreeWalk);
        foreach (var domain in domains)
        {
            var result = await CheckAsync(domain, identifiers, discovery, ct);
            if (weightiest is null || Weight(result) > Weight(weightiest))
                weightiest = result;
        }

        return weightiest!;
    }

    private async ValueTask<DmarcResult> CheckAsync(
        string domain, DmarcIdentifiers identifiers, DmarcDiscovery discovery, CancellationToken ct)
    {
        var found = await discovery.FindAsync(domain, ct);
        if (found.IsTemporary)
        {
            return new DmarcResult(DmarcResult.TempError, null, domain, found.OrganizationalDomain, null, null)
            {
                Problem = $"no answer about the DMARC record of {domain}",
            };
        }

        if (found.Policy is null)
            return new DmarcResult(DmarcResult.None, null, domain, found.OrganizationalDomain, null, null);

        var record = found.Policy.Record;
        var alignment = await identifiers.AlignAsync(domain, found.OrganizationalDomain, record, discovery, ct);
        var published = await PublishedPolicyAsync(domain, found.Policy, discovery, ct);
        return new DmarcResult(
            alignment.Result,
            alignment.Result == DmarcResult.Fail ? Applied(published, record) : published,
            domain,
            found.OrganizationalDomain,
            alignment.By,
            record.Text)
        {
            Record = record,
            RecordDomain = found.Policy.Domain,
            PublishedPolicy = published,
            Problem = alignment.Problem,
        };
    }

    private static async ValueTask<string> PublishedPolicyAsync(
        string domain, DmarcPolicyRecord policy, DmarcDiscovery discovery, CancellationToken ct)
    {
        var record = policy.Record;
        if (policy.Domain == domain)
            return record.Policy;
        // The question whether the name exists is asked only where the answer makes a difference.
        return record.NonexistentPolicy != record.SubdomainPolicy && await discovery.IsNonexistentAsync(domain, ct)
            ? record.NonexistentPolicy
            : record.SubdomainPolicy;
    }

    /// <summary>RFC 7489 §6.6.4: a message outside the sample gets the next milder policy; t=y (DMARCbis §4.7) asks for
    /// the same.</summary>
    private string Applied(string policy, DmarcRecord record)
    {
        if (!record.IsTesting && (record.Percent == 100 || _percentile() < record.Percent))
            return policy;
        return policy == DmarcRecord.RejectPolicy ? DmarcRecord.QuarantinePolicy : DmarcRecord.NonePolicy;
    }

    /// <summary>A failure outweighs all, by the strictness of its policy; a domain that could not be checked, or that asks
    /// for nothing, must not hide behind another one that passes.</summary>
    private static int Weight(DmarcResult result) => (result.Result, result.Policy) switch
    {
        (DmarcResult.Fail, DmarcRecord.RejectPolicy) => 7,
        (DmarcResult.Fail, DmarcRecord.QuarantinePolicy) => 6,
        (DmarcResult.Fail, _) => 5,
        (DmarcResult.PermError, _) => 4,
        (DmarcResult.TempError, _) => 3,
        (DmarcResult.None, _) => 2,
        _ => 1,
    };

    private static DmarcResult WithoutDomain(string problem) =>
        new(DmarcResult.PermError, null, "", "", null, null) { Problem = problem };
}
