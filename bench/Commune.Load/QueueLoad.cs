using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Commune.Peers;

namespace Commune.Load;

/// <summary>
/// What a dead destination costs the others: the time from the call to the arrival of one message after the other, with an idle queue and with
/// 10 000 messages queued for a host that accepts connections and says nothing.
/// </summary>
internal static class QueueLoad
{
    private const double Allowed = 2;
    private const int Letters = 500;

    public static async Task<int> RunAsync(LoadOptions options)
    {
        var queued = options.Messages ?? 10_000;
        await using var home = await ServerHome.MakeAsync(options);
        await using var dns = new FakeDns();
        using var sink = new MailSink();
        // The same port on another loopback address: taken, and never greeted.
        using var dead = new TcpListener(IPAddress.Parse("127.0.0.66"), sink.EndPoint.Port);
        dead.Start(1024);
        dns.Mx("live.example", 10, "mx.live.example");
        dns.A("mx.live.example", "127.0.0.1");
        dns.Mx("dead.example", 10, "mx.dead.example");
        dns.A("mx.dead.example", "127.0.0.66");
        await using var server = await ServerProcess.StartAsync(options, home, ("Commune__Dns__Servers", dns.Address),
            ("Commune__Outbound__MxPort", sink.EndPoint.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        var inbox = await server.CreateInboxAsync();
        Console.WriteLine($"{options.Engine}, {Environment.ProcessorCount} cores, {Letters} messages one after the other");

        await ArrivalsAsync(server, inbox, sink, Letters);
        var idle = await ArrivalsAsync(server, inbox, sink, Letters);
        Console.WriteLine($"  idle queue           p50 {idle.P50.TotalMilliseconds,8:0.0} ms   p99 {idle.P99.TotalMilliseconds,8:0.0} ms");
        var number = 0;
        await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref number) is var mine && mine <= queued)
                await SendAsync(server, inbox, $"user{mine}@dead.example");
        })));
        var busy = await ArrivalsAsync(server, inbox, sink, Letters);
        Console.WriteLine($"  {queued,6} for a dead one p50 {busy.P50.TotalMilliseconds,8:0.0} ms   p99 {busy.P99.TotalMilliseconds,8:0.0} ms");
        var ratio = busy.P99 / idle.P99;
        Console.WriteLine($"  ratio of p99         {ratio,8:0.00}  (allowed: {Allowed:0})");
        return ratio <= Allowed ? 0 : 1;
    }

    private static async Task<(TimeSpan P50, TimeSpan P99)> ArrivalsAsync(ServerProcess server, LoadInbox inbox, MailSink sink, int count)
    {
        var times = new List<TimeSpan>(count);
        for (var i = 0; i < count; i++)
        {
            var (from, before) = (Stopwatch.GetTimestamp(), sink.Received);
            await SendAsync(server, inbox, $"user{i}@live.example");
            while (sink.Received == before)
            {
                if (Stopwatch.GetElapsedTime(from) > TimeSpan.FromSeconds(60))
                    throw new LoadException("A message did not arrive within a minute.");
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, CancellationToken.None);
            }
            times.Add(Stopwatch.GetElapsedTime(from));
        }
        times.Sort();
        return (times[count / 2], times[count * 99 / 100]);
    }

    private static async Task SendAsync(ServerProcess server, LoadInbox inbox, string to)
    {
        using var response = await server.Api.PostAsJsonAsync("/v1/messages/send", new { to, inbox_id = inbox.Id, subject = "s", text = "t" });
        if (!response.IsSuccessStatusCode)
            throw new LoadException($"send: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
    }
}
