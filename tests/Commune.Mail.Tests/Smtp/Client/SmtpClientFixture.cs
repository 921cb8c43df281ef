using System.Text;
using Commune.Mail.Smtp.Client;
using Commune.Peers;

namespace Commune.Mail.Tests.Smtp.Client;

/// <summary>A client under test against a <see cref="FakeMx"/>, on a clock that stands still.</summary>
public abstract class SmtpClientFixture : IAsyncDisposable
{
    protected const string Content = "Subject: hi\r\n\r\nHello\r\n.dot\r\n";

    protected FakeMx Mx { get; } = new();

    protected ManualTimeProvider Time { get; } = new();

    protected virtual SmtpClientSettings Settings => new()
    {
        HeloName = "client.example",
        Host = Mx.HostName,
        EndPoint = Mx.EndPoint,
        Tls = SmtpTlsMode.Opportunistic,
        // Each its own, so that a test can wait for the one it means.
        ConnectTimeout = TimeSpan.FromSeconds(31),
        GreetingTimeout = TimeSpan.FromSeconds(301),
        CommandTimeout = TimeSpan.FromSeconds(302),
        DataInitiationTimeout = TimeSpan.FromSeconds(120),
        DataBlockTimeout = TimeSpan.FromSeconds(180),
        DataTerminationTimeout = TimeSpan.FromSeconds(600),
        QuitTimeout = TimeSpan.FromSeconds(10),
    };

    public async ValueTask DisposeAsync()
    {
        await Mx.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected Task<SmtpConnectResult> TryConnectAsync(SmtpClientSettings? settings = null) =>
        SmtpClientConnection.ConnectAsync(settings ?? Settings, Time, CancellationToken.None);

    protected async Task<SmtpClientConnection> ConnectAsync(SmtpClientSettings? settings = null)
    {
        var result = await TryConnectAsync(settings);
        return Assert.IsType<SmtpConnectResult.Connected>(result).Connection;
    }

    protected async Task<SmtpConnectResult.Failed> FailAsync(SmtpClientSettings? settings = null) =>
        Assert.IsType<SmtpConnectResult.Failed>(await TryConnectAsync(settings));

    protected static SmtpOutgoingEnvelope To(params string[] recipients) =>
        new("sender@example.org", recipients, RequiresSmtpUtf8: false, Is8Bit: false);

    protected static ReadOnlyMemory<byte> Octets(string text) => Encoding.UTF8.GetBytes(text);

    protected static Task<SmtpSendResult> SendAsync(SmtpClientConnection connection, params string[] recipients) =>
        connection.SendAsync(To(recipients), Octets(Content), CancellationToken.None);

    /// <summary>The verbs that the server has seen, without the greeting and EHLO.</summary>
    protected string Verbs => string.Join(' ', Mx.Commands.Select(c => c.Verb).Where(v => v is not ("CONNECT" or "EHLO")));

    /// <summary>One word for each outcome.</summary>
    protected static string Outcomes(SmtpSendResult result) => string.Join(' ', result.Recipients.Select(r => r.Outcome));
}
