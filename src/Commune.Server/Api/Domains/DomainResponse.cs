using System.Text.Json.Serialization;
using Commune.Server.Api.Inboxes;
using Commune.Server.Domains;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Domains;

/// <summary>The domain object of contract section 7.</summary>
public sealed record DomainResponse
{
    public required string Id { get; init; }
    public string DomainId => Id;
    public required string Name { get; init; }
    public string Domain => Name;
    public required string Status { get; init; }
    public required string? Region { get; init; }
    public required bool Shared { get; init; }
    /// <summary>Mail carries a second, Ed25519 signature, once its record is verified.</summary>
    public required bool DkimEd25519 { get; init; }

    /// <summary>What mail from here asks of the way: <c>opportunistic</c>, <c>require</c> or <c>verify</c>.</summary>
    public required string Tls { get; init; }

    /// <summary>Its sending is warmed up: a cap a day that rises (docs/operating.md, "Warming up a domain").</summary>
    public required bool WarmUp { get; init; }

    /// <summary>Its mail to one recipient offers one-click unsubscribing.</summary>
    public required bool Unsubscribe { get; init; }
    public required IReadOnlyList<DnsRecordResponse> Records { get; init; }
    public required IReadOnlyList<InboxResponse> Inboxes { get; init; }
    public required string CreatedAt { get; init; }
    [JsonPropertyName("createdAt")] public string CreatedAtAlias => CreatedAt;
    public required string? VerifiedAt { get; init; }

    /// <summary>When the records of this domain were last asked for; null before the first check.</summary>
    public required string? CheckedAt { get; init; }

    /// <summary>Since when a verified domain's records have not been right; null while they are.</summary>
    public required string? BrokenAt { get; init; }

    public static DomainResponse From(Domain domain, IReadOnlyList<DnsRecordResponse> records, IReadOnlyList<Inbox> inboxes, KeptDomainCheck? check) => new()
    {
        Id = domain.Id,
        Name = domain.Name,
        Status = domain.Status,
        Region = domain.Region,
        Shared = domain.Shared,
        DkimEd25519 = domain.DkimEd25519,
        Tls = domain.Tls,
        WarmUp = domain.WarmUpFrom is not null,
        Unsubscribe = domain.Unsubscribe,
        Records = records,
        Inboxes = [.. inboxes.Select(InboxResponse.From)],
        CreatedAt = ApiJson.Time(domain.CreatedAt),
        VerifiedAt = ApiJson.Time(domain.VerifiedAt),
        CheckedAt = ApiJson.Time(check?.CheckedAt),
        BrokenAt = ApiJson.Time(check?.BrokenAt),
    };
}

/// <param name="Record"><c>MX</c>, <c>SPF</c>, <c>DKIM</c> or <c>DMARC</c>.</param>
/// <param name="Status"><c>not_started</c>, <c>pending</c>, <c>verified</c> or <c>failed</c>.</param>
/// <param name="Found">What resolvers answered when the record was last checked.</param>
/// <param name="Problem">What differs and what to do, in a sentence; null when nothing does.</param>
/// <param name="Role">Of a DKIM key: <c>active</c>, <c>next</c> (signs once it is published) or <c>former</c> (keep it until <paramref name="KeepUntil"/>).</param>
public sealed record DnsRecordResponse(
    string Record, string Type, string Name, string Value, int? Priority, int Ttl, string Status, IReadOnlyList<string> Found, string? Problem,
    string? Role, string? KeepUntil)
{
    /// <param name="check">Null when the record has not been checked: then it has the domain's status.</param>
    public static DnsRecordResponse From(IssuedRecord issued, RecordCheck? check, Domain domain) => new(
        issued.Kind, issued.Type, issued.Name, issued.Value, issued.Priority, IssuedRecord.Ttl, check?.Status ?? Unchecked(issued, domain),
        check?.Found ?? [], check?.Problem, issued.Key?.Role, ApiJson.Time(issued.Key?.KeepUntil));

    /// <summary>The shared domain counts as verified whatever DNS says, so its records do not.</summary>
    private static string Unchecked(IssuedRecord issued, Domain domain) => issued.NextKey is not null ? "not_started" : issued.SecondKey switch
    {
        { VerifiedAt: not null } => RecordCheck.Verified,
        not null => "not_started",
        null => domain.Shared ? "not_started" : domain.Status,
    };
}

/// <summary>A domain under <c>data</c>, with the top-level copies that the CLI prints.</summary>
public sealed record DomainVerified(DomainResponse Data)
{
    public string Id => Data.Id;
    public string Status => Data.Status;
}
