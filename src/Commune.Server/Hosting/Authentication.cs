using System.Security.Cryptography;
using System.Text;
using Commune.Storage;

namespace Commune.Server.Hosting;

/// <summary>The scope that an endpoint asks for; an endpoint without it is public.</summary>
public sealed record RequiredScope(string Scope);

/// <summary>
/// Authenticates every request to an endpoint that names a scope, then checks the scope: 401 before 403 before anything else
/// (contract section 1, Check order). The caller stands in <see cref="CallerOf"/> from then on.
/// </summary>
internal sealed class Authentication(
    RequestDelegate next, IStore store, TimeProvider time, SendLimitHeaders limitHeaders, AgentSignatures signatures, KeyUses uses)
{
    private const string BearerScheme = "Bearer ";
    private const string AgentScheme = "Agent ";
    private static readonly object CallerKey = new();

    public static Caller CallerOf(HttpContext http) => (Caller)http.Items[CallerKey]!;

    /// <summary>403 when the caller lacks the scope: for what only some forms of a request need.</summary>
    public static void Require(HttpContext http, string scope)
    {
        if (!Scopes.Allows(CallerOf(http).Permissions, scope))
            throw new ApiException(StatusCodes.Status403Forbidden, new ErrorBody($"This API key lacks the scope {scope}", "insufficient_permissions", Required: [scope]));
    }

    public async Task InvokeAsync(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<RequiredScope>() is { } required)
        {
            var caller = await AuthenticateAsync(http);
            http.Items[CallerKey] = caller;
            limitHeaders.AddTo(http, caller.Organisation);
            if (required.Scope.Length > 0)
                Require(http, required.Scope);
        }
        else if (http.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal) && http.Request.Headers.Authorization.Count > 0)
        {
            // No such route or method: whoever asks with a good key still learns the limits (contract section 4).
            if (await FindByKeyAsync(http) is { } caller)
                limitHeaders.AddTo(http, caller.Organisation);
        }
        await next(http);
    }

    private async Task<Caller> AuthenticateAsync(HttpContext http)
    {
        string header = http.Request.Headers.Authorization.ToString().Trim();
        if (header.Length == 0)
            throw Unauthorized("Authorization header is missing");
        if (header.StartsWith(AgentScheme, StringComparison.OrdinalIgnoreCase))
            return await signatures.AuthenticateAsync(http, header[AgentScheme.Length..].Trim());
        if (!header.StartsWith(BearerScheme, StringComparison.OrdinalIgnoreCase))
            throw Unauthorized("Unsupported Authorization scheme: use \"Authorization: Bearer comm_…\" or \"Authorization: Agent id:signature\"");

        var caller = await FindByKeyAsync(http) ?? throw Unauthorized("API key is invalid or expired");
        uses.Note(caller.Key!);
        return caller;
    }

    private async Task<Caller?> FindByKeyAsync(HttpContext http)
    {
        string header = http.Request.Headers.Authorization.ToString().Trim();
        var secret = header.StartsWith(BearerScheme, StringComparison.OrdinalIgnoreCase) ? header[BearerScheme.Length..].Trim() : "";
        var key = await store.ApiKeys.FindByHashAsync(ApiKeySecret.HashOf(secret), http.RequestAborted);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (key is not { Status: "active" } || key.ExpiresAt <= now || key.SecretExpiresAt <= now)
            return null;
        return await store.Organisations.GetAsync(key.OrgId, http.RequestAborted) is { } organisation ? new Caller(organisation, key) : null;
    }

    private static ApiException Unauthorized(string what) =>
        new(StatusCodes.Status401Unauthorized, new ErrorBody(what, "unauthorized"));
}

/// <summary>The secret form of an API key: <c>comm_</c> and 64 hex digits. Only its hash is stored.</summary>
public static class ApiKeySecret
{
    public static string New() => "comm_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    /// <summary>The look-up is by hash, so no comparison of secrets can leak by its timing.</summary>
    public static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    public static bool IsWellFormed(string secret) =>
        secret.Length == 69 && secret.StartsWith("comm_", StringComparison.Ordinal) && secret.AsSpan(5).ContainsAnyExcept("0123456789abcdef") is false;

    public static string PrefixOf(string secret) => secret[..12];
}
