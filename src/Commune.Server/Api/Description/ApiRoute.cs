using System.Reflection;
using Commune.Server.Hosting;

namespace Commune.Server.Api.Description;

/// <summary>One method of one path under <c>/v1</c>, as the server routes it.</summary>
/// <param name="Scope">Empty when any credential will do; null when none is needed.</param>
/// <param name="Call">Null when the endpoint was mapped without a description, which a test finds.</param>
internal sealed record ApiRoute(string Method, string Path, IReadOnlyList<string> Parameters, string? Scope, Call? Call, MethodInfo? Handler, bool IsFirstMethod)
{
    public string Id => Call is null ? $"{Method} {Path}" : IsFirstMethod ? Call.Id : $"{Call.Id}.{Method.ToLowerInvariant()}";

    /// <summary>The id of the call that this one only spells otherwise.</summary>
    public string? Twin => Call?.Twin ?? (IsFirstMethod ? null : Call?.Id);

    /// <summary>Every route, by path and method.</summary>
    public static IReadOnlyList<ApiRoute> In(IEnumerable<Endpoint> endpoints) =>
    [
        .. endpoints.OfType<RouteEndpoint>()
            .Where(static endpoint => endpoint.RoutePattern.RawText?.StartsWith("/v1/", StringComparison.Ordinal) ?? false)
            .SelectMany(Of)
            .OrderBy(static route => route.Path, StringComparer.Ordinal).ThenBy(static route => route.Method, StringComparer.Ordinal),
    ];

    private static IEnumerable<ApiRoute> Of(RouteEndpoint endpoint)
    {
        var methods = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"];
        return methods.Select((method, i) => new ApiRoute(
            method, endpoint.RoutePattern.RawText!, [.. endpoint.RoutePattern.Parameters.Select(static parameter => parameter.Name)],
            endpoint.Metadata.GetMetadata<RequiredScope>()?.Scope, endpoint.Metadata.GetMetadata<Call>(), endpoint.Metadata.GetMetadata<MethodInfo>(), i == 0));
    }
}
