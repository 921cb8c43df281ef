using System.Text.Json.Serialization;
using Commune.Server.Api.Inboxes;
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
    public required IReadOnlyList<DnsRecordResponse> Records { get; init; }
    public required IReadOnlyList<InboxResponse> Inboxes { get; init; }
    public required string CreatedAt { get; init; }
    [JsonPropertyName("createdAt")] public string CreatedAtAlias => CreatedAt;
    public required string? VerifiedAt { get; init; }

    public static DomainResponse From(Domain domain, IReadOnlyList<DnsRecordResponse> records, IReadOnlyList<Inbox> inboxes) => new()
    {
        Id = domain.Id,
        Name = domain.Name,
        Status = domain.Status,
        Region = domain.Region,
        Shared = domain.Shared,
        DkimEd25519 = domain.DkimEd25519,
        Records = records,
        Inboxes = [.. inboxes.Select(InboxResponse.From)],
        CreatedAt = ApiJson.Time(domain.CreatedAt),
        VerifiedAt = ApiJson.Time(domain.VerifiedAt),
    };
}

/// <param name="Record"><c>MX</c>, <c>SPF</c>, <c>DKIM</c> or <c>DMARC</c>.</param>
/// <param name="Status"><c>not_started</c>, <c>pending</c>, <c>verified</c> or <c>failed</c>.</param>
public sealed record DnsRecordResponse(string Record, string Type, string Name, string Value, int? Priority, int Ttl, string Status);

/// <summary>A domain under <c>data</c>, with the top-level copies that the CLI prints.</summary>
public sealed record DomainVerified(DomainResponse Data)
{
    public string Id => Data.Id;
    public string Status => Data.Status;
}
