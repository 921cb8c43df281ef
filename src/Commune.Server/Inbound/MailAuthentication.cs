using System.Text.Json;
using Commune.Ai.Screening;
using Commune.Mail.Addresses;
using Commune.Mail.Arc;
using Commune.Mail.AuthenticationResults;
using Commune.Mail.Dkim;
using Commune.Mail.Dmarc;
using Commune.Mail.IpRev;
using Commune.Mail.Spf;
using Commune.Server.Hosting;

namespace Commune.Server.Inbound;

/// <summary>What authentication found out about a received message.</summary>
internal sealed record MailAuthentication(
    SendingClient Client, SpfResult Spf, IReadOnlyList<DkimResult> Dkim, DmarcResult Dmarc, ArcResult Arc, IpRevResult IpRev)
{
    /// <summary>The only address of the only From field; null when there are several authors, or none.</summary>
    public Mailbox? Author { get; init; }

    /// <summary>The message came with Authentication-Results of its own; some may pretend to be ours.</summary>
    public bool HasForeignResults { get; init; }

    /// <summary>The author's domain asks that mail which fails be refused (RFC 7489 §6.3, p=reject).</summary>
    public bool AsksForRejection => Dmarc.Result == DmarcResult.Fail && Dmarc.Policy == "reject";

    /// <summary>The field that we put in front of the message (RFC 8601).</summary>
    public AuthenticationResultsHeader Header(string authservId)
    {
        var header = new AuthenticationResultsHeader(authservId);
        header.Add(new AuthenticationMethodResult("spf", Spf.Result, Spf.Scope == SpfResult.HeloScope
            ? new AuthenticationProperty("smtp", "helo", Client.HeloName)
            : new AuthenticationProperty("smtp", "mailfrom", Client.ReversePath)) { Reason = Spf.Problem });
        foreach (var result in Dkim)
            header.Add(new AuthenticationMethodResult("dkim", result.Verdict.ToWord(), DkimProperties(result)) { Reason = result.Reason });
        if (Dkim.Count == 0)
            header.Add(new AuthenticationMethodResult("dkim", "none"));
        header.Add(new AuthenticationMethodResult("dmarc", Dmarc.Result, DmarcProperties()) { Reason = Dmarc.Problem });
        if (Arc.Verdict != ArcVerdict.None)
            header.Add(new AuthenticationMethodResult("arc", Arc.Verdict.ToWord()) { Reason = Arc.Reason });
        return header.Add(new AuthenticationMethodResult("iprev", IpRev.Result, new AuthenticationProperty("policy", "iprev", Client.Address.ToString())));
    }

    /// <summary>The JSON of <c>metadata.authentication</c> (contract section 10), as a member of the message's metadata.</summary>
    public string ToMetadata(string authservId) => JsonSerializer.Serialize(new
    {
        authentication = new
        {
            spf = new { result = Spf.Result, domain = Spf.Domain, scope = Spf.Scope, explanation = Spf.Explanation ?? Spf.Problem },
            dkim = Dkim.Select(static r => new { result = r.Verdict.ToWord(), domain = r.Domain, selector = r.Selector, reason = r.Reason }),
            dmarc = new { result = Dmarc.Result, policy = Dmarc.Policy, domain = Dmarc.Domain, aligned_by = Dmarc.AlignedBy },
            one_author = Author is not null,
            arc = new { result = Arc.Verdict.ToWord() },
            iprev = new { result = IpRev.Result, name = IpRev.Name },
            header = Header(authservId).ToString(),
        },
    }, ApiJson.Options);

    /// <summary>The domains that vouch for the message: that of the envelope (of the client's name, for a null sender) by SPF, the signers' by DKIM.</summary>
    public IReadOnlyList<string> ProvenDomains() =>
    [
        .. Spf.Result == SpfResult.Pass ? [Spf.Domain] : Array.Empty<string>(),
        .. Dkim.Where(static result => result.Verdict == DkimVerdict.Pass).Select(static result => result.Domain),
    ];

    public SenderEvidence ToEvidence() =>
        new(Spf.Result, Dkim.Any(static result => result.Verdict == DkimVerdict.Pass), Dmarc.Result, IpRev.Result);

    private static AuthenticationProperty[] DkimProperties(DkimResult result) =>
    [
        .. Property("d", result.Domain), .. Property("s", result.Selector), .. Property("b", result.HeaderB),
    ];

    private static IEnumerable<AuthenticationProperty> Property(string name, string value) =>
        value.Length > 0 ? [new AuthenticationProperty("header", name, value)] : [];

    private AuthenticationProperty[] DmarcProperties() =>
        Dmarc.Domain.Length > 0 ? [new AuthenticationProperty("header", "from", Dmarc.Domain)] : [];
}
