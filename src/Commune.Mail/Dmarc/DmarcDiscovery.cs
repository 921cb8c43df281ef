using Commune.Mail.Dns;
using Commune.Mail.PublicSuffix;

namespace Commune.Mail.Dmarc;

/// <summary>A policy record and where it was found.</summary>
internal sealed record DmarcPolicyRecord(string Domain, DmarcRecord Record);

/// <summary>What is known about one name: its organizational domain, and the record that governs mail from it.</summary>
/// <param name="Policy">Null when there is none.</param>
/// <param name="IsTemporary">DNS gave no answer: nothing can be concluded.</param>
internal sealed record DmarcDomain(string OrganizationalDomain, DmarcPolicyRecord? Policy, bool IsTemporary = false);

/// <summary>Finds the policy record of a domain and its organizational domain, in either way. One instance serves one
/// message and asks no question twice.</summary>
internal sealed class DmarcDiscovery(IDnsResolver dns, PublicSuffixList suffixes, bool treeWalk)
{
    // DMARCbis §4.10: eight questions at most; after the first, a name is cut to seven labels.
    private const int MaxWalkLabels = 7;

    /// <summary>How a question for a record ended.</summary>
    private enum Outcome
    {
        Found,
        Absent,

        /// <summary>Several records, or one that cannot be used: the search ends without a policy.</summary>
        Void,

        Temporary,
    }

    private readonly Dictionary<string, (Outcome, DmarcRecord?)> _asked = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DmarcDomain> _found = new(StringComparer.Ordinal);

    /// <param name="domain">A normalized name.</param>
    public async ValueTask<DmarcDomain> FindAsync(string domain, CancellationToken ct)
    {
        if (_found.TryGetValue(domain, out var known))
            return known;
        var found = treeWalk ? await WalkAsync(domain, ct) : await LookUpAsync(domain, ct);
        _found.Add(domain, found);
        return found;
    }

    /// <summary>The organizational domain alone; with the list this asks nothing.</summary>
    /// <returns>Null when DNS gave no answer.</returns>
    public async ValueTask<string?> OrganizationalDomainAsync(string domain, CancellationToken ct)
    {
        if (!treeWalk)
            return suffixes.OrganizationalDomain(domain) ?? domain;
        var found = await FindAsync(domain, ct);
        return found.IsTemporary ? null : found.OrganizationalDomain;
    }

    /// <summary>RFC 9091 §2.7 and DMARCbis §3.2: a name without A, AAAA or MX records. Without an answer it exists.</summary>
    public async ValueTask<bool> IsNonexistentAsync(string domain, CancellationToken ct)
    {
        var mx = await dns.MxAsync(domain, ct);
        if (mx.Status is not (DnsStatus.NameError or DnsStatus.NoData))
            return false;
        var addresses = await dns.AddressesAsync(domain, null, ct);
        return addresses.Status is DnsStatus.NameError or DnsStatus.NoData;
    }

    /// <summary>RFC 7489 §6.6.3: the author domain, then its organizational domain.</summary>
    private async ValueTask<DmarcDomain> LookUpAsync(string domain, CancellationToken ct)
    {
        var organization = suffixes.OrganizationalDomain(domain) ?? domain;
        var where = domain;
        var (outcome, record) = await AskAsync(domain, ct);
        if (outcome == Outcome.Absent && organization != domain)
        {
            where = organization;
            (outcome, record) = await AskAsync(organization, ct);
        }

        // Step 5: several records are as good as none.
        return new DmarcDomain(
            organization, record is null ? null : new DmarcPolicyRecord(where, record), outcome == Outcome.Temporary);
    }

    /// <summary>DMARCbis §4.10.</summary>
    private async ValueTask<DmarcDomain> WalkAsync(string domain, CancellationToken ct)
    {
        var records = new List<DmarcPolicyRecord>();
        for (var name = domain; name.Length > 0; name = Above(name))
        {
            var (outcome, record) = await AskAsync(name, ct);
            if (outcome == Outcome.Temporary)
                return new DmarcDomain(domain, null, IsTemporary: true);
            if (record is null)
                continue;
            records.Add(new DmarcPolicyRecord(name, record));
            if (record.PublicSuffix == 'n' || (record.PublicSuffix == 'y' && name != domain))
                break;
        }

        var organization = OrganizationOf(domain, records);
        // §4.10.1: the record of the author domain, else of the organizational domain, else of the public suffix.
        var policy = records.Find(found => found.Domain == domain)
            ?? records.Find(found => found.Domain == organization)
            ?? records.Find(found => found.Record.PublicSuffix == 'y');
        return new DmarcDomain(organization, policy);
    }

    /// <summary>DMARCbis §4.10.2.</summary>
    /// <param name="records">In the order of the walk, so that only the last can have ended it.</param>
    private static string OrganizationOf(string domain, List<DmarcPolicyRecord> records)
    {
        if (records.Count == 0)
            return domain;
        var last = records[^1];
        if (last.Record.PublicSuffix != 'y' || last.Domain == domain)
            return last.Domain;
        var below = domain.Length - last.Domain.Length - 1;
        return domain[(domain.LastIndexOf('.', below - 1) + 1)..];
    }

    private static string Above(string name)
    {
        var labels = name.AsSpan().Count('.') + 1;
        var drop = Math.Max(1, labels - MaxWalkLabels);
        var start = 0;
        for (; drop > 0; drop--)
        {
            var dot = name.IndexOf('.', start);
            if (dot < 0)
                return "";
            start = dot + 1;
        }

        return name[start..];
    }

    private async ValueTask<(Outcome Outcome, DmarcRecord? Record)> AskAsync(string domain, CancellationToken ct)
    {
        if (_asked.TryGetValue(domain, out var known))
            return known;
        var answer = await dns.TxtAsync($"_dmarc.{domain}", ct);
        (Outcome, DmarcRecord?) result;
        if (answer.IsTemporaryFailure)
        {
            result = (Outcome.Temporary, null);
        }
        else
        {
            var texts = answer.Records.Where(text => DmarcRecord.IsDmarc(text)).ToList();
            result = texts switch
            {
                [] => (Outcome.Absent, null),
                [var text] when DmarcRecord.TryParse(text, out var record) => (Outcome.Found, record),
                _ => (Outcome.Void, null),
            };
        }

        _asked.Add(domain, result);
        return result;
    }
}
