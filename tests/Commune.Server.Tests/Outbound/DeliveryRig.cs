using System.Diagnostics.Metrics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Commune.Ai.Search;
using Commune.Mail.Dns;
using Commune.Peers;
using Commune.Server.Hosting;
using Commune.Server.Inbound;
using Commune.Server.Inbound.Reports;
using Commune.Server.Metrics;
using Commune.Server.Outbound;
using Commune.Server.Search;
using Commune.Storage;
using Commune.Storage.Blobs;
using Commune.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Commune.Server.Tests.Outbound;

/// <summary>
/// The outbound half of the program on a clock that a test moves, over real sockets and a real store: whatever is due is attempted when the test
/// says so, so that days of retries take no time.
/// </summary>
internal sealed class DeliveryRig : IAsyncDisposable
{
    public const string Domain = "sender.example";
    private static readonly TimeSpan Lease = TimeSpan.FromDays(30);

    private readonly string directory = Directory.CreateTempSubdirectory("commune-rig-").FullName;
    private readonly SqliteStore store;
    private readonly HostLines lines;
    private readonly DnsResolver resolver;
    private readonly DeliverMessage deliver;
    private Storage.Domain domain = null!;
    private Inbox inbox = null!;
    private int number;

    private DeliveryRig(Action<OutboundOptions> configure, IMtaStsFetch? policies)
    {
        var settings = new CommuneOptions { DataDirectory = directory, HostName = "out.sender.example" };
        settings.Outbound.MtaSts = policies is not null;
        configure(settings.Outbound);
        var options = Options.Create(settings);
        store = new SqliteStore(new SqliteStoreSettings(directory), Time);
        resolver = new DnsResolver(new DnsResolverSettings { Servers = [Dns.EndPoint] }, TimeProvider.System);
        var rawMessages = new RawMessages(new FileBlobStore(Path.Combine(directory, "blobs")));
        var schedule = RetrySchedule.From(settings.Outbound);
        lines = new HostLines(options, schedule, new ConnectHost(options, Time), Time);
        var router = new MailRouter(store, resolver, new Relays(settings.Outbound),
            policies is null ? null : new MtaStsPolicies(store, resolver, policies, Time, NullLogger<MtaStsPolicies>.Instance), settings.Outbound.MxPort);
        var returnPaths = new ReturnPaths(store);
        var destinations = new Destinations(store, options);
        var accept = new AcceptMail(store, rawMessages, new RecordReports(store, returnPaths, Time), new ScreenMail(store, new ScreeningOptions(), NullLogger<ScreenMail>.Instance),
            new Unsubscribing(store, new UnsubscribeLinks(store), Time), new AnsweredSchedules(store, Time), new IndexMail(new BuiltInVectors()), settings.Extraction, Time);
        deliver = new DeliverMessage(store, router, destinations, new SandboxAttempt(store, destinations, options, Uncounted, Time), new LocalAttempt(store, accept, options, Time),
            new RemoteAttempt(lines, Time), returnPaths, rawMessages, new JustQueued(options, Time), schedule, Uncounted, Time, NullLogger<DeliverMessage>.Instance);
    }

    private static Traffic Uncounted { get; } = new(new Meter("test"));

    public ManualTimeProvider Time { get; } = new();

    public FakeDns Dns { get; } = new();

    public IStore Store => store;

    private long Now => Time.UnixMilliseconds;

    public static async Task<DeliveryRig> StartAsync(Action<OutboundOptions> configure, IMtaStsFetch? policies = null)
    {
        var rig = new DeliveryRig(configure, policies);
        await rig.PrepareAsync();
        return rig;
    }

    /// <summary>Everything goes to this port of the loopback.</summary>
    public static Task<DeliveryRig> ToAsync(int port) => StartAsync(outbound => outbound.Relay = $"smtp://127.0.0.1:{port}");

    public async Task<OutboundMail> SendAsync(params string[] to)
    {
        var smtpId = string.Create(CultureInfo.InvariantCulture, $"<{++number}@{Domain}>");
        var raw = Encoding.ASCII.GetBytes($"Message-ID: {smtpId}\r\nFrom: a@{Domain}\r\nSubject: s\r\n\r\n.dot\r\ntext\r\n");
        var threadId = EntityId.New("conv_");
        var mail = new OutboundMail
        {
            OrgId = inbox.OrgId,
            InboxId = inbox.Id,
            DomainId = inbox.DomainId,
            MessageId = EntityId.New("msg_"),
            ThreadId = null,
            NewThreadId = threadId,
            NewReplyToken = ReplyToken.New(threadId),
            Raw = new RawMessage(raw, SHA256.HashData(raw), raw.Length),
            Subject = "s",
            SubjectKey = "s",
            Participants = [new("sender", inbox.Address, null), .. to.Select(static address => new Participant("to", address, null))],
            Content = "text",
            ContentHtml = null,
            Snippet = "text",
            SmtpMessageId = smtpId,
            InReplyTo = null,
            References = [],
            Attachments = [],
            Recipients = [.. to.Select(static address => new OutboundRecipient(address, address[(address.LastIndexOf('@') + 1)..]))],
            At = Now,
        };
        Assert.IsType<QueueResult.Queued>(await store.Outbound.QueueAsync(mail, CancellationToken.None));
        return mail;
    }

    public Task RequireTlsAsync(string tls) => store.Domains.SetTlsAsync(domain.OrgId, domain.Id, tls, CancellationToken.None);

    /// <summary>Attempts what is due now, so many at once.</summary>
    /// <returns>How many jobs that were.</returns>
    public async Task<int> RunDueAsync(int atOnce = 40)
    {
        var jobs = await store.Jobs.ClaimAsync(JobKind.Deliver, 10_000, 10_000, Now, Lease, CancellationToken.None);
        await Parallel.ForEachAsync(jobs, new ParallelOptions { MaxDegreeOfParallelism = atOnce },
            async (job, cancellation) => await deliver.RunAsync(job, cancellation));
        return jobs.Count;
    }

    /// <summary>Goes from one due time to the next until nothing waits, or the time is over.</summary>
    public async Task RunToEndAsync(TimeSpan? within = null)
    {
        var end = Time.GetUtcNow() + (within ?? TimeSpan.FromDays(6));
        while (true)
        {
            await RunDueAsync();
            if (await store.Jobs.NextDueAsync(JobKind.Deliver, CancellationToken.None) is not { } due || due > end.ToUnixTimeMilliseconds())
                return;
            Time.Advance(TimeSpan.FromMilliseconds(Math.Max(1, due - Now)));
        }
    }

    /// <summary>The same, while the clock runs on over replies that never come.</summary>
    public async Task RunThroughSilenceAsync()
    {
        var run = RunDueAsync();
        while (!run.IsCompleted)
        {
            await Task.WhenAny(run, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System));
            Time.Advance(TimeSpan.FromMinutes(1));
        }
        await run;
    }

    public async Task<string> StatusAsync(OutboundMail mail) => Assert.Single(await RecipientsAsync(mail)).Status;

    public Task<IReadOnlyList<RecipientState>> RecipientsAsync(OutboundMail mail) =>
        store.Outbound.GetRecipientsAsync(mail.OrgId, mail.MessageId, CancellationToken.None);

    public async Task<IReadOnlyList<RecipientAttempt>> AttemptsAsync(OutboundMail mail) =>
        (await store.Outbound.ListAttemptsAsync(mail.OrgId, mail.MessageId, 1000, null, CancellationToken.None)).Items;

    /// <summary>Closes the connections that wait to be used again.</summary>
    public async Task CloseIdleAsync()
    {
        await lines.StartAsync(CancellationToken.None);
        await lines.StopAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await CloseIdleAsync();
        lines.Dispose();
        await store.DisposeAsync();
        await Dns.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    private async Task PrepareAsync()
    {
        await store.MigrateAsync(CancellationToken.None);
        var organisation = new Organisation(EntityId.New("org_"), "Some", "some", "pro", "active", Now, Now);
        Assert.True(await store.Organisations.CreateAsync(organisation, CancellationToken.None));
        domain = new Storage.Domain(organisation.Id, EntityId.New("d_"), Domain, "pending", null, Shared: false, Now, null);
        await store.Domains.CreateAsync(domain, new DkimKey(organisation.Id, domain.Id, "s", "rsa-sha256", "", "", Now), CancellationToken.None);
        await store.Domains.SetStatusAsync(organisation.Id, domain.Id, "verified", Now, CancellationToken.None);
        inbox = new Inbox(organisation.Id, EntityId.New("i_"), domain.Id, Domain, "a", null, null, null, "active", Now);
        Assert.True(await store.Inboxes.CreateAsync(inbox, CancellationToken.None));
    }
}
