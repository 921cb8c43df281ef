using Microsoft.Extensions.Options;

namespace Commune.Server.Hosting;

/// <summary>The base of the links we hand out: the operator's setting, else the host of the request.</summary>
public sealed class PublicAddress(IOptions<CommuneOptions> options)
{
    public string Of(HttpRequest request) =>
        options.Value.PublicUrl?.TrimEnd('/') ?? $"{request.Scheme}://{request.Host.ToUriComponent()}";
}
