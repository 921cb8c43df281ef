using System.Net;
using Commune.Ai.Extraction;
using Commune.Peers;
using Commune.Server.Hosting;
using Commune.Server.Tests.Running;
using Commune.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Commune.Server.Tests.Extraction;

/// <summary>The whole program in this process, with an extractor of the test's.</summary>
internal sealed class ReadingProgram : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly FakeDns dns;

    private ReadingProgram(WebApplication app, FakeDns dns, Listeners listeners, string key)
    {
        this.app = app;
        this.dns = dns;
        Smtp = listeners.SmtpEndPoints[0];
        Key = key;
        Api = new ApiClient(Http = new Uri(listeners.HttpUrls[0]), key);
    }

    public Uri Http { get; }

    public IPEndPoint Smtp { get; }

    public string Key { get; }

    /// <summary>The first organisation's admin.</summary>
    public ApiClient Api { get; }

    public IStore Store => app.Services.GetRequiredService<IStore>();

    public static async Task<ReadingProgram> StartAsync(ProgramSettings settings, IExtractor? extractor, params (string Name, string Value)[] more)
    {
        var names = new FakeDns();
        var key = settings.Environment.TryGetValue("Commune__BootstrapApiKey", out var given) ? given : ApiKeySecret.New();
        var all = settings.With("Commune__DataDirectory", settings.DataDirectory).With("Commune__BootstrapApiKey", key).With("Commune__SharedDomain", "commune.test")
            .With("Commune__Smtp__Listen", "127.0.0.1:0").With("Commune__Dns__Servers", names.Address).With("Commune__Webhooks__AllowPrivateNetworks", "true");
        foreach (var (name, value) in more)
            all = all.With(name, value);
        var builder = CommuneHost.CreateBuilder(
            ["--urls=http://127.0.0.1:0", .. all.Environment.Select(static setting => $"--{setting.Key.Replace("__", ":", StringComparison.Ordinal)}={setting.Value}")]);
        builder.Logging.ClearProviders();
        if (extractor is not null)
            builder.Services.AddSingleton(extractor);
        var made = CommuneHost.Build(builder, out var listeners);
        await CommuneHost.PrepareAsync(made);
        await made.StartAsync();
        return new ReadingProgram(made, names, listeners, key);
    }

    /// <summary>Brings a mail in over SMTP; it must be accepted.</summary>
    public async Task ReceiveAsync(InboxHandle inbox, string subject, string text) => (await SmtpTalk.MailAsync(
        Smtp, "kim@example.com", inbox.Address, Letter.Plain("Kim <kim@example.com>", inbox.Address, subject, text))).Expect(250);

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        await dns.DisposeAsync();
    }
}
