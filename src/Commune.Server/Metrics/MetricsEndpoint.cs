using System.Net;
using System.Security.Cryptography;
using System.Text;
using Commune.Server.Hosting;
using Microsoft.Extensions.Options;

namespace Commune.Server.Metrics;

/// <summary>Section <c>Commune:Metrics</c> (docs/operating.md).</summary>
public sealed class MetricsOptions
{
    private const int ShortestToken = 16;

    /// <summary>Whoever asks shows it as a bearer token; null lets this machine alone ask.</summary>
    public string? Token { get; set; }

    /// <exception cref="SettingException">Names the setting and what is expected.</exception>
    public void Check()
    {
        if (Token is not null && (Token.Length < ShortestToken || Token.Any(char.IsWhiteSpace)))
            throw new SettingException($"Commune:Metrics:Token: it has {ShortestToken} characters or more, and no blanks.");
    }
}

/// <summary>The figures of this node, for Prometheus: for whoever shows the token, or, where none is set, for this machine.</summary>
internal static class MetricsEndpoint
{
    private static readonly string[] MarksOfProxies = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via"];

    public static void MapMetrics(this IEndpointRouteBuilder routes) => routes.MapGet("/metrics", GetAsync);

    private static async Task<IResult> GetAsync(HttpContext http, MetricsReader metrics, StoreBacklog backlog, IOptions<CommuneOptions> options)
    {
        Require(http, options.Value.Metrics.Token);
        await backlog.RefreshAsync(http.RequestAborted);
        return Results.Text(PrometheusText.Write(metrics.Read()), PrometheusText.ContentType);
    }

    private static void Require(HttpContext http, string? token)
    {
        if (token is null && !IsThisMachine(http))
            throw new ApiException(StatusCodes.Status403Forbidden, new ErrorBody("Metrics are for this machine alone: set Commune__Metrics__Token to read them from elsewhere", "forbidden"));
        if (token is not null && !Shows(http, token))
            throw new ApiException(StatusCodes.Status401Unauthorized, new ErrorBody("Metrics need the token of Commune__Metrics__Token: \"Authorization: Bearer …\"", "unauthorized"));
    }

    /// <summary>A proxy on this machine asks from here for whoever asks it: then the request names another host, or bears its mark.</summary>
    private static bool IsThisMachine(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)
        && (http.Request.Host.Host is "localhost" || (IPAddress.TryParse(http.Request.Host.Host.Trim('[', ']'), out var named) && IPAddress.IsLoopback(named)))
        && !Array.Exists(MarksOfProxies, http.Request.Headers.ContainsKey);

    private static bool Shows(HttpContext http, string token)
    {
        const string Scheme = "Bearer ";
        var header = http.Request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(header[Scheme.Length..].Trim()), Encoding.UTF8.GetBytes(token));
    }
}
