using Commune.Peers;
using Commune.Server.Hosting;

namespace Commune.Server.Tests.Running;

/// <summary>
/// One running program for many tests. Mail for <c>*.test</c> domains goes by MX through <see cref="Dns"/> to <see cref="Sink"/>;
/// a mail that fails for now is tried again after a second.
/// </summary>
public sealed class SharedServer : IAsyncDisposable
{
    /// <summary>A verified domain of the operator.</summary>
    public const string OwnDomain = "own.example";

    public const string SharedDomain = "commune.test";

    private static readonly string[] AllScopes =
    [
        "domains:read", "domains:write", "inboxes:read", "inboxes:write", "threads:read", "threads:write",
        "messages:read", "messages:write", "attachments:read", "attachments:write", "data:delete", "read", "write",
    ];

    private readonly Dictionary<string, string> scopedKeys = new(StringComparer.Ordinal);
    private readonly ProgramSettings settings;

    private SharedServer(ProgramSettings settings) => this.settings = settings;

    public CommuneProcess Program { get; private set; } = null!;

    public FakeDns Dns { get; } = new();

    public MailSink Sink { get; } = new();

    /// <summary>The first organisation, unlimited.</summary>
    public ApiClient Api { get; private set; } = null!;

    public string AdminKey { get; } = ApiKeySecret.New();

    public string RevokedKey { get; private set; } = "";

    public string ExpiredKey { get; private set; } = "";

    public string OwnDomainId { get; private set; } = "";

    /// <summary>The base64 of the shared domain's DKIM key, which stands at <see cref="DkimSelector"/>.</summary>
    public string DkimPublicKey { get; private set; } = "";

    public string DkimSelector { get; private set; } = "";

    /// <summary>Another organisation, tier <c>pro</c>.</summary>
    public ApiClient Other { get; private set; } = null!;

    /// <summary>An organisation that may send two emails an hour and keep a thousand bytes of uploads.</summary>
    public ApiClient Limited { get; private set; } = null!;

    /// <summary>A client of the first organisation whose key has this permission only.</summary>
    public ApiClient Scoped(string permission) => new(Program.Http, scopedKeys[permission]);

    public ApiClient WithKey(string? key) => new(Program.Http, key);

    /// <summary>A domain name of its own that is received by the sink.</summary>
    public string NewRemoteDomain()
    {
        var domain = $"d{Guid.NewGuid():N}"[..12] + ".test";
        Dns.Mx(domain, 10, "mx." + domain);
        Dns.A("mx." + domain, "127.0.0.1");
        return domain;
    }

    public static async Task<SharedServer> StartAsync(Engine engine)
    {
        var bare = await engine.NewSettingsAsync();
        var server = new SharedServer(bare);
        var all = bare
            .With("Commune__BootstrapApiKey", server.AdminKey)
            .With("Commune__SharedDomain", SharedDomain)
            .With("Commune__HostName", "mail.commune.test")
            .With("Commune__Dns__Servers", server.Dns.Address)
            .With("Commune__Outbound__MxPort", server.Sink.Port.ToString())
            .With("Commune__Outbound__RetrySchedule", "1s")
            .With("Commune__Limits__FreePerHour", "2")
            .With("Commune__Limits__FreeStorageBytes", "1000")
            .With("Commune__TrustedProxies", "127.0.0.1")
            // The tests bounce more than anybody should.
            .With("Commune__Reputation__Enabled", "false")
            .With("Commune__Sandbox__SlowDelay", "00:00:03")
            .With("Commune__Sandbox__ComplaintDelay", "00:00:01")
            .With("Commune__Sandbox__GreylistDelay", "00:00:01");
        await server.PrepareAsync(engine);
        server.Program = await CommuneProcess.StartAsync(all);
        server.Api = new ApiClient(server.Program.Http, server.AdminKey);
        server.Other = new ApiClient(server.Program.Http, server.otherKey);
        server.Limited = new ApiClient(server.Program.Http, server.limitedKey);
        return server;
    }

    private string otherKey = "";
    private string limitedKey = "";

    /// <summary>Writes what no API call can make yet: further organisations, scoped keys, a verified domain.</summary>
    private async Task PrepareAsync(Engine engine)
    {
        await using var store = engine.OpenStore(settings);
        var options = new CommuneOptions { BootstrapApiKey = AdminKey, SharedDomain = SharedDomain, DataDirectory = settings.DataDirectory };
        await FirstStart.RunAsync(store, options, TimeProvider.System, CancellationToken.None);
        var shared = await store.Domains.GetSharedAsync(CancellationToken.None);
        var key = (await store.Domains.GetDkimKeysAsync(shared.OrgId, shared.Id, CancellationToken.None))[0];
        (DkimSelector, DkimPublicKey) = (key.Selector, key.PublicKey);

        foreach (var scope in AllScopes)
            scopedKeys[scope] = await Tenant.AddKeyAsync(store, shared.OrgId, [scope]);
        RevokedKey = await Tenant.AddKeyAsync(store, shared.OrgId, ["admin"], status: "inactive");
        ExpiredKey = await Tenant.AddKeyAsync(store, shared.OrgId, ["admin"], expiresAt: shared.CreatedAt - 1);
        otherKey = (await Tenant.CreateAsync(store, "other", "pro")).AdminKey;
        limitedKey = (await Tenant.CreateAsync(store, "limited", "free")).AdminKey;
        OwnDomainId = await AddVerifiedDomainAsync(store, shared.OrgId, OwnDomain);
    }

    public static async Task<string> AddVerifiedDomainAsync(Storage.IStore store, string orgId, string name)
    {
        var at = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var domain = new Storage.Domain(orgId, Storage.EntityId.New("d_"), name, "pending", null, false, at, null);
        Assert.Equal(Storage.DomainCreation.Created, await store.Domains.CreateAsync(domain, Server.Api.Domains.CreateDomain.NewKey(domain), CancellationToken.None));
        Assert.True(await store.Domains.SetStatusAsync(orgId, domain.Id, "verified", at, CancellationToken.None));
        return domain.Id;
    }

    public async ValueTask DisposeAsync()
    {
        if (Program is not null)
            await Program.DisposeAsync();
        await Sink.DisposeAsync();
        await Dns.DisposeAsync();
    }
}
