using Commune.Mail.Dns;
using Commune.Server.Extraction;
using Commune.Server.Metrics;
using Commune.Server.Search;
using Commune.Server.Webhooks;

namespace Commune.Server.Hosting;

/// <summary>The settings of this node: section <c>Commune</c> of the configuration (docs/operating.md lists them).</summary>
public sealed class CommuneOptions
{
    public string DataDirectory { get; set; } = "data";

    /// <summary>Base of the links we hand out, such as <c>https://mail.example.com</c>; null takes it from each request.</summary>
    public string? PublicUrl { get; set; }

    /// <summary>Domain of instant inboxes.</summary>
    public string SharedDomain { get; set; } = "commune.localhost";

    /// <summary>Sign mail of the shared domain with an Ed25519 key as well, once its record is verified.</summary>
    public bool SharedDomainEd25519 { get; set; }

    /// <summary>The name in the SMTP banner, in EHLO and in issued MX records; the machine's name when null.</summary>
    public string? HostName { get; set; }

    /// <summary><c>comm_</c> and 64 hex digits; generated on the first start when null.</summary>
    public string? BootstrapApiKey { get; set; }

    /// <summary><c>sqlite</c> or <c>postgres</c>.</summary>
    public string Database { get; set; } = "sqlite";

    /// <summary>Which of <c>api</c>, <c>smtp</c>, <c>worker</c> this node does.</summary>
    public string Roles { get; set; } = "api,smtp,worker";

    public SmtpOptions Smtp { get; set; } = new();
    public DnsOptions Dns { get; set; } = new();
    public OutboundOptions Outbound { get; set; } = new();
    public LimitOptions Limits { get; set; } = new();
    public DomainOptions Domains { get; set; } = new();
    public AgentOptions Agents { get; set; } = new();

    /// <summary>Who may register over the API: <c>open</c>, <c>invite</c> (with a code of the command <c>agent invite</c>) or <c>closed</c>.</summary>
    public string Registration { get; set; } = "open";

    /// <summary>Networks (CIDR, separated by commas) of the HTTP proxies whose X-Forwarded-For is taken.</summary>
    public string? TrustedProxies { get; set; }

    /// <summary>How long a deletion request waits for its confirmation.</summary>
    public TimeSpan DeletionConfirmWithin { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long one key signs the links of attachments before another takes its place.</summary>
    public TimeSpan LinkKeyLife { get; set; } = TimeSpan.FromDays(30);
    public ReputationOptions Reputation { get; set; } = new();
    public SandboxOptions Sandbox { get; set; } = new();
    public WebhookOptions Webhooks { get; set; } = new();
    public ExtractionOptions Extraction { get; set; } = new();
    public EmbeddingOptions Embeddings { get; set; } = new();
    public SearchOptions Search { get; set; } = new();
    public ScreeningOptions Screening { get; set; } = new();
    public MetricsOptions Metrics { get; set; } = new();

    /// <summary>Refuses at start what would fail, or silently do nothing, later.</summary>
    /// <exception cref="SettingException">Names the setting and what is expected.</exception>
    public void Check()
    {
        Require(SettingText.IsHostName(SharedDomain), nameof(SharedDomain), $"\"{SharedDomain}\" is not a domain name, such as agents.example.com");
        Require(HostName is null || SettingText.IsHostName(HostName), nameof(HostName), $"\"{HostName}\" is not a host name, such as mail.example.com");
        Require(PublicUrl is null || (Uri.TryCreate(PublicUrl, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"),
            nameof(PublicUrl), $"\"{PublicUrl}\" is not a URL, such as https://mail.example.com");
        var roles = Roles.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        Require(roles.Length > 0 && roles.All(static r => r.ToLowerInvariant() is "api" or "smtp" or "worker"), nameof(Roles), "it lists some of api, smtp and worker");
        Require(Outbound.MxPort is > 0 and <= ushort.MaxValue, "Outbound:MxPort", "a port is 1 to 65535");
        Require(Outbound is { Concurrency: > 0, ConcurrencyPerDestination: > 0 }, "Outbound:Concurrency", "it is at least 1");
        Require(Domains.RecheckEvery >= TimeSpan.FromMinutes(1) && Domains.BrokenGrace >= TimeSpan.Zero, "Domains:RecheckEvery", "it is at least 00:01:00, and Domains:BrokenGrace not negative");
        Require(Outbound.MtaStsPort is > 0 and <= ushort.MaxValue, "Outbound:MtaStsPort", "a port is 1 to 65535");
        Require(Outbound.MessagesPerSecondPerDestination is >= 0 and < 1_000_000, "Outbound:MessagesPerSecondPerDestination", "it is not negative; 0 means no limit");
        Require(Outbound.GiveUpAfter > TimeSpan.Zero, "Outbound:GiveUpAfter", "it is a positive time");
        Require(Outbound.EventRetention == TimeSpan.Zero || Outbound.EventRetention >= TimeSpan.FromDays(2), "Outbound:EventRetention",
            "it is at least two days, which the watch over bounces and complaints reads, or 0 to keep events for good");
        Require(Smtp is { MaxMessageBytes: >= 65_536 and <= int.MaxValue / 2 }, "Smtp:MaxMessageBytes", "it is 65536 to 1073741823");
        // RFC 5321 §4.5.3.1.8: at least 100 recipients.
        Require(Smtp.MaxRecipients >= 100, "Smtp:MaxRecipients", "it is at least 100");
        Require(Smtp is { MaxConnections: > 0, MaxConnectionsPerAddress: > 0 }, "Smtp:MaxConnections", "it is at least 1");
        Require(Smtp.AuthenticationTimeout > TimeSpan.Zero, "Smtp:AuthenticationTimeout", "it is a positive time");
        Require(Smtp.IdleTimeout > TimeSpan.Zero && Smtp.DataTimeout > TimeSpan.Zero && Smtp.SessionTimeout > TimeSpan.Zero, "Smtp:IdleTimeout", "times are positive");
        Require(Limits is { FreePerHour: >= 0, FreePerDay: >= 0, ProPerHour: >= 0, ProPerDay: >= 0, EnterprisePerHour: null or >= 0, EnterprisePerDay: null or >= 0,
            FreeStorageBytes: >= 0, ProStorageBytes: >= 0, EnterpriseStorageBytes: null or >= 0 },
            "Limits", "limits are not negative");
        Require(Limits is { ApiKeys: > 0, Webhooks: > 0, RegisterPerDay: >= 0, VerifyPer15Minutes: >= 0 }, "Limits", "ApiKeys and Webhooks are at least 1, the others are not negative");
        Require(Registration is "open" or "invite" or "closed", nameof(Registration), $"\"{Registration}\" is not open, invite or closed");
        Require(DeletionConfirmWithin > TimeSpan.Zero, nameof(DeletionConfirmWithin), "it is a positive time");
        Require(LinkKeyLife >= TimeSpan.FromHours(1), nameof(LinkKeyLife), "it is at least one hour");
        SettingText.Networks("Commune:TrustedProxies", TrustedProxies);
        Require(Limits is { PerRecipientPerHour: null or > 0, PerRecipientPerDay: null or > 0, PerThreadPerHour: null or > 0, RepliesPerThreadPerHour: >= 0 },
            "Limits:PerRecipientPerHour", "caps are at least 1; leave them out for none");
        SettingText.Numbers("Commune:Limits:WarmUp", Limits.WarmUp);
        Require(Reputation is { MaxHardBouncePercent: > 0 and <= 100, MaxComplaintPercent: > 0 and <= 100, MinimumVolume: > 0, MinimumComplaints: > 0 },
            "Reputation", "percents are above 0 and at most 100, minimums at least 1");
        Require(Reputation.CheckEvery > TimeSpan.Zero, "Reputation:CheckEvery", "it is a positive time");
        Require(Sandbox.SlowDelay >= TimeSpan.Zero && Sandbox.ComplaintDelay >= TimeSpan.Zero && Sandbox.GreylistDelay >= TimeSpan.Zero, "Sandbox", "times are not negative");
        Webhooks.Check();
        Extraction.Check();
        Embeddings.Check();
        Metrics.Check();
        Search.Qdrant.Check();
        Require(!Search.Qdrant.IsUsed || Embeddings.UsesModel, "Search:Qdrant:Url", "it keeps the vectors of a provider's model; set Commune__Embeddings__Provider too");
        Require(Search.PgVector is "auto" or "off", "Search:PgVector", $"\"{Search.PgVector}\" is not auto or off");
        Require(Search.MemoryMegabytes is > 0 and < 1_000_000, "Search:MemoryMegabytes", "it is at least 1");
    }

    private static void Require(bool holds, string setting, string expected)
    {
        if (!holds)
            throw new SettingException($"Commune:{setting}: {expected}.");
    }

    /// <summary>Whether the database is asked for near vectors, if it can find them.</summary>
    public bool MayUsePgVector => Database == "postgres" && Embeddings.UsesModel && !Search.Qdrant.IsUsed && Search.PgVector == "auto";

    public string EffectiveHostName => HostName ?? MachineName;

    public bool HasRole(string role) =>
        Roles.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Contains(role, StringComparer.OrdinalIgnoreCase);

    private static string MachineName => Environment.MachineName is { Length: > 0 } name ? name.ToLowerInvariant() : "localhost";
}

public sealed class SmtpOptions
{
    /// <summary><c>ip:port</c>, several separated by commas.</summary>
    public string Listen { get; set; } = "127.0.0.1:2525";
    public long MaxMessageBytes { get; set; } = 26_214_400;
    public int MaxRecipients { get; set; } = 1000;
    public int MaxConnections { get; set; } = 2000;
    public int MaxConnectionsPerAddress { get; set; } = 200;
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(5);
    public TimeSpan DataTimeout { get; set; } = TimeSpan.FromMinutes(10);
    public TimeSpan SessionTimeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Refuse mail that fails the policy <c>reject</c> of its author's domain; else it is only marked.</summary>
    public bool RejectOnDmarc { get; set; } = true;

    /// <summary>Find a domain's DMARC policy by walking up its name, as the successor of RFC 7489 does, instead of by the public suffix list.</summary>
    public bool DmarcTreeWalk { get; set; }

    /// <summary>For SPF, DKIM, ARC and DMARC of one message together; what is not known then is a temporary error.</summary>
    public TimeSpan AuthenticationTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Networks (CIDR, separated by commas) of the proxies whose connections begin with a PROXY header.</summary>
    public string? ProxyProtocolFrom { get; set; }

    /// <summary>PEM files of the certificate chain and its key; a self-signed certificate is made when they are not set.</summary>
    public string? CertificateFile { get; set; }
    public string? CertificateKeyFile { get; set; }
}

public sealed class DnsOptions
{
    /// <summary><c>ip:port</c>, several separated by commas; the system's resolvers when null.</summary>
    public string? Servers { get; set; }

    internal DnsResolverSettings ForResolver() => Servers is { Length: > 0 } servers
        ? new DnsResolverSettings { Servers = SettingText.EndPoints("Commune:Dns:Servers", servers) }
        : DnsResolverSettings.FromSystem();
}

public sealed class OutboundOptions
{
    /// <summary><c>smtp://user:pass@host:port</c>: all mail that is not for inboxes of this server goes there instead of to its MX.
    /// Several, separated by commas, are tried in this order.</summary>
    public string? Relay { get; set; }

    /// <summary>The same by sending domain; an empty one sends to the MX.</summary>
    public Dictionary<string, string> Relays { get; set; } = new(StringComparer.OrdinalIgnoreCase);
    public int MxPort { get; set; } = 25;

    /// <summary>Whether policies of recipient domains are fetched and kept to (RFC 8461).</summary>
    public bool MtaSts { get; set; } = true;

    /// <summary>Where policies are fetched; another port than 443 is for tests.</summary>
    public int MtaStsPort { get; set; } = 443;

    /// <summary>Delays after each failed attempt; the last one repeats until <see cref="GiveUpAfter"/>.</summary>
    public string RetrySchedule { get; set; } = "1m,5m,15m,30m,1h,2h,4h,8h";
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromDays(4);

    /// <summary>How long delivery events are kept, which metrics count; zero keeps them for good.</summary>
    public TimeSpan EventRetention { get; set; } = TimeSpan.FromDays(400);

    /// <summary>Deliveries under way at once, and connections to one mail host.</summary>
    public int Concurrency { get; set; } = 128;
    public int ConcurrencyPerDestination { get; set; } = 20;

    /// <summary>To one mail host; 0 for as many as its connections carry.</summary>
    public double MessagesPerSecondPerDestination { get; set; }
}

public sealed class DomainOptions
{
    /// <summary>How often the DNS of a verified domain is checked.</summary>
    public TimeSpan RecheckEvery { get; set; } = TimeSpan.FromHours(6);

    /// <summary>How long a verified domain whose records broke keeps its status.</summary>
    public TimeSpan BrokenGrace { get; set; } = TimeSpan.FromDays(3);
}

public sealed class LimitOptions
{
    public int FreePerHour { get; set; } = 100;
    public int FreePerDay { get; set; } = 1_000;
    public int ProPerHour { get; set; } = 10_000;
    public int ProPerDay { get; set; } = 100_000;

    /// <summary>Null means unlimited.</summary>
    public int? EnterprisePerHour { get; set; }
    public int? EnterprisePerDay { get; set; }

    /// <summary>Bytes of uploaded attachments that an organisation may keep; null means unlimited.</summary>
    public long FreeStorageBytes { get; set; } = 1L << 30;
    public long ProStorageBytes { get; set; } = 100L << 30;
    public long? EnterpriseStorageBytes { get; set; }

    /// <summary>Active API keys of an organisation.</summary>
    public int ApiKeys { get; set; } = 1000;

    /// <summary>Webhook endpoints of an organisation, besides those of its inboxes.</summary>
    public int Webhooks { get; set; } = 50;

    /// <summary>Registrations, and attempts to prove one, per client address.</summary>
    public int RegisterPerDay { get; set; } = 5;
    public int VerifyPer15Minutes { get; set; } = 10;

    /// <summary>Sends of one organisation to one address, and into one thread; null means no cap.</summary>
    public int? PerRecipientPerHour { get; set; }
    public int? PerRecipientPerDay { get; set; }
    public int? PerThreadPerHour { get; set; }

    /// <summary>So that two agents do not answer each other for ever; 0 means no cap.</summary>
    public int RepliesPerThreadPerHour { get; set; } = 30;

    /// <summary>What a domain that is warmed up may send on its first day, its second…; afterwards there is no cap.</summary>
    public string WarmUp { get; set; } = "50,100,200,400,800,1500,3000,5000,10000,20000";
}

public sealed class AgentOptions
{
    /// <summary>Take signatures of the body alone, which never change for the same body (contract section 2.2); else a timestamp is needed.</summary>
    public bool BodySignatures { get; set; } = true;
}

/// <summary>When an organisation's sending is paused because too much comes back, over the last 24 hours.</summary>
public sealed class ReputationOptions
{
    public bool Enabled { get; set; } = true;
    public double MaxHardBouncePercent { get; set; } = 5;
    public double MaxComplaintPercent { get; set; } = 0.3;

    /// <summary>Recipients delivered to or bounced; with fewer nothing is judged.</summary>
    public int MinimumVolume { get; set; } = 100;

    /// <summary>Fewer complaints than these are chance.</summary>
    public int MinimumComplaints { get; set; } = 3;
    public TimeSpan CheckEvery { get; set; } = TimeSpan.FromSeconds(15);
}

/// <summary>The addresses that only pretend (docs/operating.md, "Sandbox").</summary>
public sealed class SandboxOptions
{
    public TimeSpan SlowDelay { get; set; } = TimeSpan.FromSeconds(30);
    public TimeSpan ComplaintDelay { get; set; } = TimeSpan.FromSeconds(5);
    public TimeSpan GreylistDelay { get; set; } = TimeSpan.FromSeconds(30);
}

public sealed class ScreeningOptions
{
    /// <summary>Whether mail is screened for inboxes as well that neither refuse nor hold mail by what is found.</summary>
    public bool Advisory { get; set; } = true;
}

public sealed class SearchOptions
{
    /// <summary>Whether mail is indexed. Every node must be told the same; once it is true again, all mail is indexed in the background.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>What this node may keep in memory of indexes; about 155 MB for a million messages.</summary>
    public int MemoryMegabytes { get; set; } = 512;
    public QdrantOptions Qdrant { get; set; } = new();

    /// <summary>Whether PostgreSQL's extension pgvector finds near vectors where it is there: <c>auto</c> or <c>off</c>.</summary>
    public string PgVector { get; set; } = "auto";
}
