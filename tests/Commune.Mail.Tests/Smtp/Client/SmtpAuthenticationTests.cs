using System.Net;
using System.Net.Sockets;
using Commune.Mail.Smtp.Client;

namespace Commune.Mail.Tests.Smtp.Client;

public sealed class SmtpAuthenticationTests : SmtpClientFixture
{
    [Theory]
    [InlineData("PLAIN LOGIN", "AUTH PLAIN")]
    [InlineData("LOGIN", "AUTH LOGIN")]
    public async Task Credentials_are_given_over_TLS_and_do_not_stand_in_the_transcript(string offered, string expected)
    {
        Mx.OffersStartTls = true;
        Mx.OffersAuth = offered;
        Mx.Password = "geheim ☂";
        await using var connection = await ConnectAsync(
            Settings with { Credentials = new NetworkCredential("relay", "geheim ☂") });
        await SendAsync(connection, "a@example.net");
        Assert.Equal("relay", Mx.Messages[0].User);
        Assert.StartsWith(expected, Mx.Commands.Single(c => c.Verb == "AUTH").Line, StringComparison.Ordinal);
        Assert.All(connection.ConnectTranscript, line =>
        {
            Assert.DoesNotContain(Convert.ToBase64String(Octets("geheim ☂").Span), line.Text, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToBase64String(Octets("\0relay\0geheim ☂").Span), line.Text, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_wrong_password_is_a_temporary_failure_with_the_reply()
    {
        Mx.OffersAuth = "PLAIN";
        Mx.Password = "right";
        var failed = await FailAsync(Settings with { Credentials = new NetworkCredential("relay", "wrong") });
        Assert.Equal((SmtpStage.Authentication, true, 535, "5.7.8"), (failed.Stage, failed.IsTemporary, failed.Code, failed.EnhancedCode));
    }

    [Fact]
    public async Task A_server_with_no_mechanism_of_ours_is_a_failure_to_authenticate()
    {
        Mx.OffersAuth = "GSSAPI";
        var failed = await FailAsync(Settings with { Credentials = new NetworkCredential("relay", "password") });
        Assert.Equal(SmtpStage.Authentication, failed.Stage);
        Assert.Contains("GSSAPI", failed.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_are_not_sent_in_clear_beyond_this_machine()
    {
        var address = NonLoopbackAddress();
        Assert.SkipWhen(address is null, "This machine has no address but the loopback one.");
        using var listener = new TcpListener(address!, 0);
        listener.Start();
        var serving = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            var stream = client.GetStream();
            using var reader = new StreamReader(stream);
            await stream.WriteAsync(Octets("220 hi\r\n"));
            await reader.ReadLineAsync();
            await stream.WriteAsync(Octets("250-hi\r\n250 AUTH PLAIN\r\n"));
            return await reader.ReadLineAsync();
        });
        var failed = await FailAsync(Settings with
        {
            EndPoint = (IPEndPoint)listener.LocalEndpoint,
            Credentials = new NetworkCredential("relay", "password"),
        });
        Assert.Equal(SmtpStage.Authentication, failed.Stage);
        Assert.Null(await serving);
    }

    private static IPAddress? NonLoopbackAddress() => System.Net.NetworkInformation.NetworkInterface
        .GetAllNetworkInterfaces()
        .SelectMany(i => i.GetIPProperties().UnicastAddresses)
        .Select(a => a.Address)
        .FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a));
}
