using Commune.Mail.Dns;
using Commune.Mail.Spf;

namespace Commune.Server.Domains;

/// <summary>May this server send for the domain? (RFC 7208)</summary>
internal static class SpfCheck
{
    private const string Version = "v=spf1";

    /// <param name="host">This server's name.</param>
    public static async Task<RecordCheck> RunAsync(IDnsResolver dns, SpfVerifier spf, IssuedRecord issued, string host, CancellationToken cancellation)
    {
        var answer = await dns.TxtAsync(issued.Name, cancellation);
        if (answer.IsTemporaryFailure)
            return RecordCheck.Unanswered(issued.Name);
        var found = answer.Records.Where(IsSpf).ToList();
        switch (found.Count)
        {
            case 0:
                return RecordCheck.Missing($"No SPF record was found at {issued.Name}. Add a TXT record: {issued.Value}");
            case > 1:
                // RFC 7208 §4.5: more than one record is a permerror.
                return RecordCheck.Wrong(found, $"{found.Count} SPF records were found at {issued.Name}; mail servers will ignore all of them. Merge them into one: {Merged(found, host)}");
        }
        if (Names(found[0], host) || await PassesAsync(dns, spf, issued.Name, host, cancellation))
            return RecordCheck.Right(found);
        return RecordCheck.Wrong(found, $"The SPF record of {issued.Name} does not let this server send. Change it to: {Merged(found, host)}");
    }

    /// <summary>True when a term before <c>all</c> names this server, or whatever receives for the domain.</summary>
    private static bool Names(string record, string host) => TermsBeforeAll(record).Any(term =>
        term.TrimStart('+').ToLowerInvariant() is var mechanism && (mechanism == "mx" || mechanism == $"a:{host.ToLowerInvariant()}"));

    /// <summary>By an include, a network or otherwise: what receivers will find when this server sends.</summary>
    private static async Task<bool> PassesAsync(IDnsResolver dns, SpfVerifier spf, string domain, string host, CancellationToken cancellation)
    {
        var addresses = (await dns.AddressesAsync(host, null, cancellation)).Records;
        foreach (var address in addresses)
        {
            if ((await spf.CheckHostAsync(address, domain, $"postmaster@{domain}", host, cancellation)).Result != SpfResult.Pass)
                return false;
        }
        return addresses.Count > 0;
    }

    /// <summary>One record with the terms of all, this server in front and the last <c>all</c> at the end.</summary>
    private static string Merged(IReadOnlyList<string> records, string host)
    {
        var terms = new List<string> { $"a:{host}" };
        var all = "~all";
        foreach (var term in records.SelectMany(static r => r.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1)))
        {
            if (IsAll(term))
                all = term;
            else if (!terms.Contains(term, StringComparer.OrdinalIgnoreCase))
                terms.Add(term);
        }
        return $"{Version} {string.Join(' ', terms)} {all}";
    }

    private static IEnumerable<string> TermsBeforeAll(string record) =>
        record.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).TakeWhile(static term => !IsAll(term));

    private static bool IsAll(string term) => term.TrimStart('+', '-', '~', '?').Equals("all", StringComparison.OrdinalIgnoreCase);

    private static bool IsSpf(string text) =>
        text.StartsWith(Version, StringComparison.OrdinalIgnoreCase) && (text.Length == Version.Length || text[Version.Length] == ' ');
}
