using Commune.Mail.Cryptography;
using Commune.Server.Api.Domains;
using Commune.Storage;

namespace Commune.Server.Hosting;

/// <param name="NewApiKey">The operator's key when it was made by this start: shown once.</param>
public sealed record StartedStore(bool Created, string? NewApiKey);

/// <summary>
/// Makes what has to exist before the first request: the first organisation with its key, the shared domain with its DKIM key.
/// Every later start finds them and goes on.
/// </summary>
public static class FirstStart
{
    private const string KeyFile = "api-key";

    /// <exception cref="SettingException">A setting cannot be used: what is wrong and what to do.</exception>
    /// <exception cref="StoreStartException">The store cannot be used.</exception>
    public static async Task<StartedStore> RunAsync(IStore store, CommuneOptions options, TimeProvider time, CancellationToken cancellation)
    {
        await store.MigrateAsync(cancellation);
        var (secret, isNew) = await KeyAsync(store, options, cancellation);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var organisation = new Organisation(EntityId.New("org_"), "Operator", "operator", "enterprise", "active", now, now);
        var key = new ApiKey(organisation.Id, EntityId.New("key_"), "Operator key", ApiKeySecret.PrefixOf(secret), [Scopes.Admin], "active", null, null, now);
        var domain = new Domain(organisation.Id, EntityId.New("d_"), options.SharedDomain.Trim().TrimEnd('.').ToLowerInvariant(), "verified", null, true, now, now);

        var result = await store.Organisations.BootstrapAsync(
            new Bootstrap(organisation, key, ApiKeySecret.HashOf(secret), domain, CreateDomain.NewKey(domain)), cancellation);
        if (result == BootstrapResult.SharedDomainTaken)
            throw new SettingException($"Commune:SharedDomain: {domain.Name} is a customer's verified domain; choose another name.");
        await ShareEd25519Async(store, options.SharedDomainEd25519, time, cancellation);
        return new StartedStore(result == BootstrapResult.Created, isNew ? secret : null);
    }

    private static async Task ShareEd25519Async(IStore store, bool wanted, TimeProvider time, CancellationToken cancellation)
    {
        var shared = await store.Domains.GetSharedAsync(cancellation);
        if (shared.DkimEd25519 == wanted)
            return;
        if (wanted && !Ed25519.IsSupported)
            throw new SettingException("Commune:SharedDomainEd25519 needs OpenSSL 3 (libcrypto.so.3), which was not found: install it, or take the setting back.");
        await store.Domains.SetDkimEd25519Async(
            shared.OrgId, shared.Id, wanted ? CreateDomain.NewEd25519Key(shared, time) : null, cancellation);
    }

    /// <summary>The key of the settings, else the one kept in the data directory, else a new one, written there before it is used.</summary>
    private static async Task<(string Secret, bool IsNew)> KeyAsync(IStore store, CommuneOptions options, CancellationToken cancellation)
    {
        if (options.BootstrapApiKey is { Length: > 0 } given)
        {
            return ApiKeySecret.IsWellFormed(given) ? (given, false)
                : throw new SettingException("Commune:BootstrapApiKey must be comm_ and 64 lower-case hex digits.");
        }
        var path = Path.Combine(options.DataDirectory, KeyFile);
        if (File.Exists(path))
        {
            var kept = (await File.ReadAllTextAsync(path, cancellation)).Trim();
            return ApiKeySecret.IsWellFormed(kept) ? (kept, false)
                : throw new SettingException($"{path} does not hold an API key (comm_ and 64 hex digits); restore it, or remove it to get a new key.");
        }
        var secret = ApiKeySecret.New();
        PrivateFile.Write(path, secret + "\n");
        return (secret, true);
    }
}
