using Microsoft.AspNetCore.Http.Metadata;

namespace Commune.Server.Hosting;

/// <summary>The largest body that an endpoint takes, in bytes, where it is another than everywhere else. Unlike MVC's attribute it needs no MVC.</summary>
public sealed record RequestLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
