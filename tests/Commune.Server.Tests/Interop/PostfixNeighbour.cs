using Commune.Mail.Dkim;
using Commune.Peers;
using Commune.Server.Hosting;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Interop;

/// <summary>Our program and Postfix as each other's MX, started when the first test asks. Postfix signs by OpenDKIM for its own domain.</summary>
public sealed class PostfixNeighbour(SqliteEngine engine) : IAsyncDisposable
{
    private readonly SemaphoreSlim gate = new(1);
    private readonly FakeDns dns = new();
    private readonly Greylist greylist = new();
    private readonly WorkFolder folder = new();
    private OpenDkim? milter;
    private Postfix? postfix;
    private CommuneProcess? program;

    internal Postfix Postfix => postfix!;

    public FakeDns Dns => dns;

    public CommuneProcess Program => program!;

    public ApiClient Api { get; private set; } = null!;

    /// <summary>Skips the calling test where a program is missing.</summary>
    public async Task StartAsync()
    {
        Interop.Postfix.Require();
        Machine.Program("opendkim", "opendkim");
        Machine.Program("dkimverify", "python3-dkim");
        await gate.WaitAsync();
        try
        {
            if (postfix is not null)
                return;
            var port = LoopbackPort.Free();
            await PublishPostfixAsync();
            var key = ApiKeySecret.New();
            program = await CommuneProcess.StartAsync(await SettingsAsync(key, port));
            Api = new ApiClient(program.Http, key);
            await PublishOursAsync();
            milter = await OpenDkim.StartAsync(folder, dns, Interop.Postfix.Domain, folder["od.pem"]);
            postfix = await Interop.Postfix.StartAsync(port, SharedServer.SharedDomain, program.Smtp.Port, milter.Port, greylist.Port);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>A second program of ours, for which Postfix is the smart host.</summary>
    public async Task<(CommuneProcess Program, ApiClient Api)> StartRelayingAsync()
    {
        var key = ApiKeySecret.New();
        var relaying = await CommuneProcess.StartAsync((await SettingsAsync(key, 1)).With("Commune__Outbound__Relay", $"smtp://127.0.0.1:{Postfix.Port}"));
        return (relaying, new ApiClient(relaying.Http, key));
    }

    public async ValueTask DisposeAsync()
    {
        if (postfix is not null)
            await postfix.DisposeAsync();
        if (milter is not null)
            await milter.DisposeAsync();
        if (program is not null)
            await program.DisposeAsync();
        await greylist.DisposeAsync();
        await dns.DisposeAsync();
        folder.Dispose();
        gate.Dispose();
    }

    private async Task<ProgramSettings> SettingsAsync(string key, int mxPort) => (await engine.NewSettingsAsync())
        .With("Commune__BootstrapApiKey", key)
        .With("Commune__SharedDomain", SharedServer.SharedDomain)
        .With("Commune__SharedDomainEd25519", "true")
        .With("Commune__HostName", "mail.commune.test")
        .With("Commune__Dns__Servers", dns.Address)
        .With("Commune__Outbound__MxPort", mxPort.ToString())
        .With("Commune__Outbound__RetrySchedule", "1s");

    private async Task PublishPostfixAsync()
    {
        var (pem, record) = DkimSigningKey.Generate();
        await File.WriteAllTextAsync(folder["od.pem"], pem);
        dns.Mx(Postfix.Domain, 10, "mx." + Postfix.Domain);
        dns.A("mx." + Postfix.Domain, "127.0.0.1");
        dns.Txt("od._domainkey." + Postfix.Domain, record);
        dns.Txt(Postfix.Domain, "v=spf1 a:mx." + Postfix.Domain + " -all");
        // Postfix sends its bounces as MAILER-DAEMON at its own name, which only the HELO vouches for (RFC 7208 §2.4).
        dns.Txt("mx." + Postfix.Domain, "v=spf1 a -all");
        dns.Txt("_dmarc." + Postfix.Domain, "v=DMARC1; p=reject; adkim=s; aspf=s");
    }

    /// <summary>Ours as the API issues them, both DKIM keys among them.</summary>
    private async Task PublishOursAsync()
    {
        var shared = (await Api.GetAsync("/v1/domains")).Expect(200).List[0];
        foreach (var record in shared["records"]!.AsArray().Where(static r => (string)r!["record"]! == "DKIM"))
            dns.Txt((string)record!["name"]!, (string)record["value"]!);
        (await Api.PostAsync($"/v1/domains/{shared["id"]}/verify")).Expect(200);
    }
}
