using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text;
using Commune.Mail.Dns;
using Commune.Peers;
using Commune.Server.Hosting;
using Commune.Server.Metrics;
using Commune.Server.Tests.Running;
using Commune.Server.Webhooks;
using Commune.Storage;
using Commune.Storage.Postgres;
using Commune.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Commune.Server.Tests.Webhooks;

/// <summary>An inbox with an endpoint, and the attempts to call it one at a time, on a clock that stands still.</summary>
public abstract class WebhookRig(Engine engine) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly FakeDns dns = new();
    private WebhookClient client = null!;
    private int mails;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected ManualTimeProvider Time { get; } = new();

    protected FakeHook Hook { get; } = new();

    protected WebhookOptions Options { get; } = new() { AllowPrivateNetworks = true };

    protected IStore Store { get; private set; } = null!;

    protected Inbox Inbox { get; private set; } = null!;

    protected long Now => Time.UnixMilliseconds;

    public async ValueTask InitializeAsync()
    {
        var settings = await engine.NewSettingsAsync();
        Store = settings.Environment.TryGetValue("ConnectionStrings__Postgres", out var connection)
            ? new PostgresStore(new PostgresStoreSettings(connection), Time) : new SqliteStore(new SqliteStoreSettings(settings.DataDirectory), Time);
        await FirstStart.RunAsync(Store, new CommuneOptions { BootstrapApiKey = ApiKeySecret.New(), DataDirectory = settings.DataDirectory }, Time, Cancel);
        client = new WebhookClient(new EndpointGuard(Resolver(), Options, Time), Time);
        Inbox = await AddInboxAsync(Hook.Url);
    }

    public async ValueTask DisposeAsync()
    {
        client?.Dispose();
        if (Store is not null)
            await Store.DisposeAsync();
        await Hook.DisposeAsync();
        await dns.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected DnsResolver Resolver() =>
        new(new DnsResolverSettings { Servers = SettingText.EndPoints("", dns.Address) }, TimeProvider.System);

    protected Task<int> ReplayAsync(string[] statuses) =>
        Store.Webhooks.ReplayAsync(new WebhookReplay(Inbox.OrgId, 0, Now + 60_000, Inbox.Id, statuses, 100), Now, Cancel);

    protected Task<WebhookPage> ListAsync() => Store.Webhooks.ListAsync(new WebhookQuery(Inbox.OrgId, Inbox.Id, null, null, 100, 0, null), Cancel);

    protected async Task<IReadOnlyList<string>> EventsAsync() =>
        [.. (await Store.Events.ReadAsync(Inbox.OrgId, 0, 1000, Cancel)).Select(static e => e.Type)];

    protected async Task<Inbox> AddInboxAsync(string endpoint)
    {
        var domain = await Store.Domains.GetSharedAsync(Cancel);
        var secret = "whsec_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        var made = new Inbox(domain.OrgId, EntityId.New("i_"), domain.Id, domain.Name, ApiClient.NewLocalPart(), null,
            new WebhookSetting(endpoint, ["inbound"], secret), null, "active", Now);
        Assert.True(await Store.Inboxes.CreateAsync(made, Cancel));
        return made;
    }

    /// <summary>Brings in a mail; the id of the delivery that is owed for it.</summary>
    protected async Task<string> OweAsync(Inbox? to = null)
    {
        var messageId = await AcceptAsync(to ?? Inbox);
        var page = await Store.Webhooks.ListAsync(new WebhookQuery(Inbox.OrgId, (to ?? Inbox).Id, null, null, 100, 0, null), Cancel);
        return Assert.Single(page.Page.Items, d => d.MessageId == messageId).Id;
    }

    protected async Task<string> AcceptAsync(Inbox to)
    {
        var raw = Encoding.UTF8.GetBytes($"Subject: {++mails}\r\nX-Mailer: =?utf-8?q?=C3=9Cnruh?=\r\nX-Private: 1\r\n\r\nPrecedence: bulk\r\n");
        var thread = EntityId.NewSortable("conv_", Time.GetUtcNow());
        var mail = new InboundMail
        {
            Raw = new RawMessage(raw, SHA256.HashData(raw), raw.Length),
            Deliveries = [new InboundDelivery(new InboxRoute(to.OrgId, to.Id, to.DomainId, to.Address), EntityId.NewSortable("msg_", Time.GetUtcNow()),
                thread, ReplyToken.New(thread), null, [EntityId.New("att_")])],
            Subject = "Parcel",
            SubjectKey = "parcel",
            IsReply = false,
            Participants = [new Participant("sender", "kim@example.com", "Kim"), new Participant("to", to.Address, null)],
            Content = "The parcel is here.",
            ContentHtml = null,
            Snippet = "The parcel is here.",
            SmtpMessageId = $"<{mails}@example.com>",
            InReplyTo = null,
            References = [],
            Attachments = [new InboundAttachment("1", "p.jpg", "image/jpeg", 9120, null)],
            RetryKey = null,
            ReceivedAt = Now,
        };
        return Assert.Single(await Store.Inbound.AcceptAsync(mail, Cancel)).MessageId;
    }

    /// <summary>Makes the attempts that are due; with a Time, lets it pass once the limit of the call runs.</summary>
    protected async Task RunDueAsync(TimeSpan? passing = null)
    {
        var schedule = new WebhookSchedule(SettingText.Durations("", Options.RetrySchedule), static () => 0.5);
        var call = new CallWebhook(Store, new ReceivedHeaders(Store, new RawMessages(null!)), client, schedule, Options, new Traffic(new Meter("test")), Time, NullLogger<CallWebhook>.Instance);
        foreach (var job in await Store.Jobs.ClaimAsync(JobKind.Webhook, 100, 100, Now, TimeSpan.FromMinutes(1), Cancel))
        {
            var before = Hook.Calls.Count;
            var run = call.RunAsync(job, Cancel);
            if (passing is { } limit)
            {
                await Hook.WaitAsync(calls => calls.Count > before, Patience);
                Time.Advance(limit);
            }
            await run.WaitAsync(Patience, Cancel);
        }
    }

    protected async Task<WebhookDelivery> DeliveryAsync(string id) => (await Store.Webhooks.GetAsync(Inbox.OrgId, id, Cancel))!;

    protected void AssertFailed(WebhookDelivery delivery, int? code, string error, TimeSpan next, int attempts = 1)
    {
        Assert.Equal(("failed", attempts, code, error), (delivery.Status, delivery.Attempts, delivery.LastCode, delivery.LastError));
        Assert.Equal(Now + (long)next.TotalMilliseconds, delivery.NextRetryAt);
        Assert.Null(delivery.DeliveredAt);
    }
}
