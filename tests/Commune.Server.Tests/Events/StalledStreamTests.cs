using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Commune.Peers;
using Commune.Server.Hosting;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Events;

/// <summary>Readers of the real program that open a stream and then take nothing from their sockets.</summary>
public sealed class StalledStreamTests(SqliteEngine engine)
{
    private const int Inboxes = 100;
    private const int Mails = 60;
    private const int Readers = 30;
    private const int SmallBuffer = 4096;

    [Fact]
    public async Task They_are_cut_off_with_a_reason_and_cost_little_memory()
    {
        var key = ApiKeySecret.New();
        await using var dns = new FakeDns();
        await using var program = await CommuneProcess.StartAsync(
            (await engine.NewSettingsAsync()).With("Commune__BootstrapApiKey", key).With("Commune__Dns__Servers", dns.Address));
        var api = new ApiClient(program.Http, key);
        await FillLogAsync(program, api);
        // One that reads shows how long the log is, and warms the program up.
        var whole = (await api.GetAsync("/v1/events?after=earliest&limit=1000")).Expect(200).Bytes.LongLength * Inboxes * Mails / 1000;
        var before = Memory(program);

        var sockets = new List<Socket>();
        try
        {
            for (var i = 0; i < Readers; i++)
                sockets.Add(await OpenAsync(program.Http, key));
            // Twenty seconds of patience, five for the last words.
            var peers = sockets.Select(static socket => ((IPEndPoint)socket.LocalEndPoint!).Port).ToHashSet();
            long most = 0;
            await Eventually.GetAsync(
                () =>
                {
                    most = Math.Max(most, Memory(program));
                    return Task.FromResult(Established(program.Http.Port, peers));
                },
                static count => count == 0);
            Assert.InRange(most - before, long.MinValue, Readers * 2L << 20);

            foreach (var socket in sockets)
            {
                var text = ReadRest(socket);
                Assert.StartsWith("HTTP/1.1 200", text, StringComparison.Ordinal);
                Assert.InRange(text.Length, 1000, whole / 2);
            }
            (await api.GetAsync("/health/ready")).Expect(200);
        }
        finally
        {
            foreach (var socket in sockets)
                socket.Dispose();
        }
    }

    private static async Task FillLogAsync(CommuneProcess program, ApiClient api)
    {
        var addresses = new List<string>();
        for (var i = 0; i < Inboxes; i++)
            addresses.Add((await api.NewInboxAsync()).Address);
        await using var talk = await SmtpTalk.GreetAsync(program.Smtp);
        for (var i = 0; i < Mails; i++)
            (await talk.MailAsync("kim@example.com", addresses, Letter.Plain("kim@example.com", addresses[0], new string('s', 300) + i, new string('t', 400)))).Expect(250);
    }

    private static async Task<Socket> OpenAsync(Uri http, string key)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = SmallBuffer };
        await socket.ConnectAsync(IPAddress.Loopback, http.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"GET /v1/events/stream?after=earliest HTTP/1.1\r\nHost: {http.Authority}\r\nAuthorization: Bearer {key}\r\n\r\n"));
        return socket;
    }

    /// <summary>What had reached this machine's buffers; the end may be a reset.</summary>
    private static string ReadRest(Socket socket)
    {
        var text = new StringBuilder();
        var buffer = new byte[8192];
        try
        {
            while (socket.Receive(buffer) is var count and > 0)
                text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
        }
        return text.ToString();
    }

    /// <summary>How many connections of these peers the program still holds open (state 01 of <c>/proc/net/tcp</c>).</summary>
    private static int Established(int port, HashSet<int> peers) => File.ReadLines("/proc/net/tcp").Skip(1)
        .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Count(fields => fields[3] == "01" && PortOf(fields[1]) == port && peers.Contains(PortOf(fields[2])));

    private static int PortOf(string address) => int.Parse(address.AsSpan(address.IndexOf(':', StringComparison.Ordinal) + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static long Memory(CommuneProcess program) => File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{program.Id}/status"))
        .Where(static line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
        .Select(static line => long.Parse(line.AsSpan(6).Trim().TrimEnd("kB "), CultureInfo.InvariantCulture) * 1024).Single();
}
