using Commune.Server.Api.Description;

namespace Commune.Server.Api.Domains;

/// <param name="Name">The host name, such as mycompany.com.</param>
/// <param name="Domain">Another name for `name`; one of the two is needed.</param>
/// <param name="Region">Kept and shown again; nothing depends on it.</param>
[Example("""{ "name": "mycompany.com" }""")]
internal sealed record NewDomainRequest(string? Name, string? Domain, string? Region);

/// <param name="Tls">How mail from this domain asks for TLS on the way: opportunistically, always, or always with a valid certificate.</param>
/// <param name="DkimEd25519">Sign a second time, with Ed25519.</param>
/// <param name="WarmUp">Send little at first and more from day to day.</param>
/// <param name="Unsubscribe">Offer one-click unsubscribing in mail to one recipient.</param>
[Example("""{ "tls": "require" }""")]
internal sealed record DomainChangeRequest(
    [property: Words("opportunistic", "require", "verify")] string? Tls, bool? DkimEd25519, bool? WarmUp, bool? Unsubscribe);

/// <param name="Overlap">Hours for which the record of the key before is to stay: 72 unless given, 720 at most.</param>
/// <param name="AtOnce">Sign with the new key at once, and not when its record is found in DNS.</param>
[Example("""{ "overlap": 48 }""")]
internal sealed record DkimRotationRequest(double? Overlap, bool? AtOnce);
