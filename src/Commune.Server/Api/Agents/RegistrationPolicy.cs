using System.Security.Cryptography;
using System.Text;
using Commune.Server.Hosting;
using Commune.Storage;
using Microsoft.Extensions.Options;

namespace Commune.Server.Api.Agents;

/// <summary>Who may register, and how often from one address.</summary>
internal sealed class RegistrationPolicy(IStore store, ClientAddress addresses, IOptions<CommuneOptions> options, TimeProvider time)
{
    private const string InvitePrefix = "invite_";

    /// <summary>A code for one registration.</summary>
    public static string NewInvite() => EntityId.New(InvitePrefix);

    public static byte[] HashOf(string code) => SHA256.HashData(Encoding.UTF8.GetBytes(code));

    /// <summary>403 when the operator lets nobody in, or nobody without an invite.</summary>
    /// <returns>The hash of the invite that the registration will use up, or null.</returns>
    public async Task<byte[]?> AdmitAsync(RequestBody body, CancellationToken cancellation)
    {
        switch (options.Value.Registration)
        {
            case "open":
                return null;
            case "closed":
                throw ApiException.Forbidden("This server takes no registrations; ask its operator for an API key", "registration_closed");
        }
        var code = body.Text("invite")?.Trim();
        if (string.IsNullOrEmpty(code))
            throw ApiException.Forbidden("Registration needs an invite code in the member \"invite\"; ask the operator of this server for one", "invite_required");
        var hash = HashOf(code);
        return await store.Registrations.HasInviteAsync(hash, time.GetUtcNow().ToUnixTimeMilliseconds(), cancellation)
            ? hash : throw InviteRefused();
    }

    public static ApiException InviteRefused() => ApiException.Forbidden("The invite is unknown, used or expired", "invalid_invite");

    public Task CountRegistrationAsync(HttpContext http) =>
        CountAsync(http, "register", options.Value.Limits.RegisterPerDay, TimeSpan.FromDays(1), "registrations from this address today");

    public Task CountVerificationAsync(HttpContext http) =>
        CountAsync(http, "verify", options.Value.Limits.VerifyPer15Minutes, TimeSpan.FromMinutes(15), "verification attempts from this address");

    private async Task CountAsync(HttpContext http, string kind, int most, TimeSpan window, string what)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var welcome = await store.Registrations.CountAttemptAsync(
            kind, addresses.GroupOf(http), new AttemptLimit(most, (long)window.TotalMilliseconds), now, http.RequestAborted);
        if (welcome is { } at)
            throw ApiException.TooMany($"Too many {what}", TimeSpan.FromMilliseconds(at - now));
    }
}
