using Commune.Server.Hosting;
using Commune.Storage;
using Microsoft.Extensions.Options;

namespace Commune.Server.Outbound;

/// <summary>Tells the destinations that need no network, whose mail must not wait behind that of others.</summary>
public sealed class Destinations(IStore store, IOptions<CommuneOptions> options)
{
    /// <summary>The domain whose addresses only pretend (docs/operating.md, "Sandbox").</summary>
    public string Sandbox { get; } = "sandbox." + options.Value.SharedDomain.Trim().TrimEnd('.').ToLowerInvariant();

    public bool IsSandbox(string destination) => destination == Sandbox;

    /// <param name="destination">Lower case, in ASCII.</param>
    public async Task<bool> IsLocalAsync(string destination, CancellationToken cancellation) =>
        IsSandbox(destination) || await store.Inboxes.IsLocalDomainAsync(destination, cancellation);
}
