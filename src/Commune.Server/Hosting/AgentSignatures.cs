using System.Buffers;
using System.Globalization;
using System.Text;
using Commune.Mail.Cryptography;
using Commune.Storage;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Commune.Server.Hosting;

/// <summary>
/// Authenticates a request that an agent signed (contract section 2.2): over the exact bytes of the body, or, when a timestamp header is
/// there, over <c>id:timestamp</c>, which is then accepted once.
/// </summary>
internal sealed class AgentSignatures(IStore store, IOptions<CommuneOptions> options, TimeProvider time)
{
    private const long TimestampToleranceMs = 60_000;
    private const string ServerTimeHeader = "X-Commune-Server-Time";

    /// <summary>A signed body is held in memory: the largest that any endpoint takes.</summary>
    private const int MaxSignedBody = 64 * 1024 * 1024;

    /// <param name="credential">What stands behind the scheme: <c>id:signature</c>.</param>
    public async Task<Caller> AuthenticateAsync(HttpContext http, string credential)
    {
        var stamped = TimestampHeader(http);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (stamped is not null)
            http.Response.Headers[ServerTimeHeader] = now.ToString(CultureInfo.InvariantCulture);

        var colon = credential.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || colon == credential.Length - 1)
            throw Refuse("The Authorization header must be: Agent <agentId>:<base64 signature>", "invalid_authorization_format");
        var (agentId, signature) = (credential[..colon], Signature(credential[(colon + 1)..]));
        var timestamp = stamped is null ? null : Timestamp(stamped, now);
        if (timestamp is null && !options.Value.Agents.BodySignatures)
            throw Invalid("This server takes no signatures of the body alone: sign \"agentId:timestamp\" and send X-Commune-Timestamp");

        // Whoever is unknown does not get his body read.
        if (signature is null || await store.Agents.FindAsync(agentId, http.RequestAborted) is not { Status: "active" } agent)
            throw Invalid();
        ReadOnlyMemory<byte> signed = timestamp is null ? await BufferBodyAsync(http) : Encoding.UTF8.GetBytes($"{agentId}:{stamped}");
        if (!Ed25519.Verify(agent.PublicKey, signed.Span, signature))
            throw Invalid();
        // Only now: a stranger must not use up an agent's timestamps.
        if (timestamp is { } signedAt && !await store.Agents.ClaimTimestampAsync(agent, signedAt, now, http.RequestAborted))
            throw Invalid();
        return await store.Organisations.GetAsync(agent.OrgId, http.RequestAborted) is { } organisation ? new Caller(organisation, agent) : throw Invalid();
    }

    private static string? TimestampHeader(HttpContext http)
    {
        foreach (var name in (ReadOnlySpan<string>)["X-Commune-Timestamp", "X-Agent-Timestamp"])
        {
            if (http.Request.Headers.TryGetValue(name, out var value) && !StringValues.IsNullOrEmpty(value))
                return value.ToString();
        }
        return null;
    }

    private static long? Timestamp(string text, long now)
    {
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var at))
            throw ApiException.BadRequest("X-Commune-Timestamp must be Unix milliseconds", "invalid_timestamp");
        // Written so that no value overflows.
        return at >= now - TimestampToleranceMs && at <= now + TimestampToleranceMs
            ? at
            : throw new ApiException(StatusCodes.Status401Unauthorized, new ErrorBody(
                $"X-Commune-Timestamp is more than {TimestampToleranceMs / 1000} seconds from this server's clock, which serverTime tells",
                "timestamp_out_of_range", ServerTime: now));
    }

    /// <summary>Null when it is not the base64 of 64 bytes.</summary>
    private static byte[]? Signature(string base64)
    {
        var bytes = new byte[Ed25519.SignatureSize];
        return base64.Length == 88 && Convert.TryFromBase64String(base64, bytes, out var length) && length == bytes.Length ? bytes : null;
    }

    /// <summary>The raw bytes as they came, which whoever binds the body reads again.</summary>
    private static async Task<ReadOnlyMemory<byte>> BufferBodyAsync(HttpContext http, int most = MaxSignedBody)
    {
        var buffer = new MemoryStream();
        var rented = ArrayPool<byte>.Shared.Rent(81_920);
        try
        {
            int read;
            while ((read = await http.Request.Body.ReadAsync(rented, http.RequestAborted)) > 0)
            {
                if (buffer.Length + read > most)
                {
                    throw new ApiException(StatusCodes.Status413PayloadTooLarge, new ErrorBody(
                        $"A signed body is at most {most / (1024 * 1024)} MB; sign \"agentId:timestamp\" and send X-Commune-Timestamp for larger ones"));
                }
                await buffer.WriteAsync(rented.AsMemory(0, read), http.RequestAborted);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
        buffer.Position = 0;
        http.Request.Body = buffer;
        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }

    private static ApiException Invalid(string what = "The agent is unknown or revoked, or its signature does not verify") => Refuse(what, "invalid_signature");

    private static ApiException Refuse(string what, string code) => new(StatusCodes.Status401Unauthorized, new ErrorBody(what, code));
}
