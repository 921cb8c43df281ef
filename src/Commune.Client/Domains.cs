namespace Commune.Client;

/// <summary>Domains: the shared one of the server, and your own.</summary>
public sealed class DomainCalls
{
    private readonly Transport transport;

    internal DomainCalls(Transport transport) => this.transport = transport;

    public IAsyncEnumerable<Domain> ListAsync(CancellationToken cancellation = default) => transport.PagesAsync<Domain>("/v1/domains", cancellation);

    public Task<Domain> CreateAsync(string name, CancellationToken cancellation = default) =>
        transport.DataAsync<Domain>(HttpMethod.Post, "/v1/domains", new { name }, cancellation);

    public Task<Domain> GetAsync(string domainId, CancellationToken cancellation = default) => transport.DataAsync<Domain>(HttpMethod.Get, Path(domainId), null, cancellation);

    public Task<Domain> UpdateAsync(string domainId, DomainChange change, CancellationToken cancellation = default) =>
        transport.DataAsync<Domain>(HttpMethod.Patch, Path(domainId), change, cancellation);

    public Task DeleteAsync(string domainId, CancellationToken cancellation = default) => transport.DataAsync<Done>(HttpMethod.Delete, Path(domainId), null, cancellation);

    /// <summary>The records to set in DNS.</summary>
    public async Task<IReadOnlyList<DnsRecord>> RecordsAsync(string domainId, CancellationToken cancellation = default) =>
        await transport.DataAsync<IReadOnlyList<DnsRecord>>(HttpMethod.Get, Path(domainId) + "/records", null, cancellation);

    /// <summary>The same as a zone file.</summary>
    public async Task<string> ZoneAsync(string domainId, CancellationToken cancellation = default) =>
        System.Text.Encoding.UTF8.GetString(await transport.BytesAsync(Path(domainId) + "/zone", cancellation));

    /// <summary>Looks the records up in DNS.</summary>
    public Task<Domain> VerifyAsync(string domainId, CancellationToken cancellation = default) =>
        transport.DataAsync<Domain>(HttpMethod.Post, Path(domainId) + "/verify", null, cancellation);

    /// <summary>Makes new DKIM keys; each signs once its record is found in DNS.</summary>
    /// <param name="overlap">How long the record of the key before is to stay; the server's standard is three days.</param>
    /// <param name="atOnce">Sign without waiting for the record.</param>
    public Task<Domain> RotateDkimAsync(string domainId, TimeSpan? overlap = null, bool? atOnce = null, CancellationToken cancellation = default) =>
        transport.DataAsync<Domain>(HttpMethod.Post, Path(domainId) + "/dkim/rotate", new { overlap = overlap?.TotalHours, atOnce }, cancellation);

    private static string Path(string domainId) => "/v1/domains/" + Transport.Segment(domainId);
}

public sealed record Domain(
    string Id, string Name, string Status, bool Shared, string Tls, bool DkimEd25519, bool WarmUp, bool Unsubscribe, IReadOnlyList<DnsRecord> Records,
    IReadOnlyList<Inbox> Inboxes, DateTimeOffset CreatedAt, DateTimeOffset? VerifiedAt, DateTimeOffset? CheckedAt, DateTimeOffset? BrokenAt);

/// <param name="Role">Of a DKIM key: <c>active</c>, <c>next</c> (signs once it is published) or <c>former</c> (keep it until <paramref name="KeepUntil"/>).</param>
public sealed record DnsRecord(
    string Record, string Type, string Name, string Value, int? Priority, int Ttl, string Status, IReadOnlyList<string> Found, string? Problem, string? Role,
    DateTimeOffset? KeepUntil);

/// <summary>What is null stays as it is.</summary>
public sealed record DomainChange
{
    /// <summary><c>opportunistic</c>, <c>require</c> or <c>verify</c>.</summary>
    public string? Tls { get; init; }
    public bool? DkimEd25519 { get; init; }
    public bool? WarmUp { get; init; }
    public bool? Unsubscribe { get; init; }
}

/// <summary>The answer of calls that have nothing to tell.</summary>
internal sealed record Done(bool Ok);
