using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.Mail;
using System.Text.Json;
using Commune.Peers;

namespace Commune.Load;

/// <summary>What idle streams cost, how soon all of them hear of a mail, and whether readers keep order and step with many writers.</summary>
internal static class EventLoad
{
    private const int Clients = 1000;
    private const int Mails = 50;
    private const int Writers = 8;
    private const int Readers = 4;

    public static async Task<int> RunAsync(LoadOptions options)
    {
        await using var home = await ServerHome.MakeAsync(options);
        await using var dns = new FakeDns { NegativeTtl = 3600 };
        await using var server = await ServerProcess.StartAsync(options, home, ("Commune__Dns__Servers", dns.Address));
        var inbox = await server.CreateInboxAsync();
        await new SmtpLoad(server.Smtp, inbox.Address, 200, 100, options.Size, server.ProcessorTime).RunAsync(2);
        Console.WriteLine($"{options.Engine}, {Environment.ProcessorCount} cores");
        await MeasureStreamsAsync(server, inbox);
        return await FollowAsync(options, server, inbox) ? 0 : 1;
    }

    private static async Task MeasureStreamsAsync(ServerProcess server, LoadInbox inbox)
    {
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = Clients };
        using var http = new HttpClient(handler) { BaseAddress = server.Api.BaseAddress, Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.Authorization = server.Api.DefaultRequestHeaders.Authorization;
        var before = server.Memory("VmRSS");
        var streams = new List<StreamReader>();
        foreach (var batch in Enumerable.Range(0, Clients).Chunk(50))
            streams.AddRange(await Task.WhenAll(batch.Select(_ => OpenAsync(http, inbox))));
        await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System, CancellationToken.None);
        var after = server.Memory("VmRSS");
        Console.WriteLine($"  {Clients} idle streams     {(after - before) / 1024.0 / Clients,8:0.0} KB a stream ({before >> 20} MB before, {after >> 20} MB with them)");

        var idle = server.ProcessorTime();
        await Task.Delay(TimeSpan.FromSeconds(20), TimeProvider.System, CancellationToken.None);
        Console.WriteLine($"    while idle         {(server.ProcessorTime() - idle).TotalMilliseconds / 20,8:0.0} ms of processor time a second, heartbeats included");

        using var smtp = new SmtpClient(server.Smtp.Address.ToString(), server.Smtp.Port);
        var delays = new List<double>();
        var last = new List<double>();
        for (var i = 0; i < Mails; i++)
        {
            var heard = streams.Select(static stream => Task.Run(() => HearAsync(stream))).ToArray();
            await smtp.SendMailAsync("kim@load.example", inbox.Address, $"mail {i}", "Hello there");
            var accepted = Stopwatch.GetTimestamp();
            var each = (await Task.WhenAll(heard)).Select(at => Math.Max(0, Stopwatch.GetElapsedTime(accepted, at).TotalMilliseconds)).ToList();
            delays.AddRange(each);
            last.Add(each.Max());
        }
        delays.Sort();
        last.Sort();
        Console.WriteLine($"  a mail to all        {delays[delays.Count / 2],8:0.0} ms p50, {delays[delays.Count * 95 / 100]:0.0} ms p95 from its 250; the last of {Clients} at {last[last.Count / 2]:0.0} ms p50, {last[^1]:0.0} ms at most");
        foreach (var stream in streams)
            stream.Dispose();
    }

    private static async Task<StreamReader> OpenAsync(HttpClient http, LoadInbox inbox)
    {
        var response = await http.GetAsync($"/v1/events/stream?inbox_id={inbox.Id}", HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        return new StreamReader(await response.Content.ReadAsStreamAsync());
    }

    private static async Task<long> HearAsync(StreamReader stream)
    {
        while (await stream.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
                return Stopwatch.GetTimestamp();
        }
        throw new LoadException("A stream ended.");
    }

    /// <summary>Writers bring mail in while readers follow the log by cursor; true when each saw each event once and in order.</summary>
    private static async Task<bool> FollowAsync(LoadOptions options, ServerProcess server, LoadInbox inbox)
    {
        var messages = options.Messages ?? 100_000;
        var start = await server.Api.GetFromJsonAsync<JsonElement>("/v1/events?after=latest");
        var first = start.GetProperty("cursor").GetString()!;
        var newest = (await LastOfAsync(server)) + messages;
        var began = Stopwatch.GetTimestamp();
        var lags = new ConcurrentBag<double>();
        var readers = Enumerable.Range(0, Readers).Select(_ => Task.Run(() => ReadAsync(server, first, newest - messages, newest, lags))).ToArray();
        var load = await new SmtpLoad(server.Smtp, inbox.Address, messages, Math.Min(1000, messages / 2), 2048, server.ProcessorTime).RunAsync(Writers);
        var written = Stopwatch.GetElapsedTime(began);
        var inOrder = await Task.WhenAll(readers);
        var sorted = lags.Order().ToList();
        Console.WriteLine($"  {messages} events         written at {load.PerSecond:0}/s by {Writers} sessions; {Readers} readers were done {(Stopwatch.GetElapsedTime(began) - written).TotalMilliseconds:0} ms after the last 250");
        Console.WriteLine($"    an event was read  {sorted[sorted.Count / 2],8:0} ms p50, {sorted[sorted.Count * 95 / 100]:0} ms p95 after its commit");
        Console.WriteLine($"    each once, in order: {(inOrder.All(static good => good) ? "yes" : "NO")}");
        return inOrder.All(static good => good);
    }

    private static async Task<long> LastOfAsync(ServerProcess server)
    {
        long last = 0;
        for (var cursor = "earliest"; ;)
        {
            var page = await server.Api.GetFromJsonAsync<JsonElement>($"/v1/events?limit=1000&after={cursor}");
            foreach (var entry in page.GetProperty("data").EnumerateArray())
                last = entry.GetProperty("sequence").GetInt64();
            cursor = page.GetProperty("cursor").GetString()!;
            if (!page.GetProperty("has_more").GetBoolean())
                return last;
        }
    }

    private static async Task<bool> ReadAsync(ServerProcess server, string cursor, long before, long last, ConcurrentBag<double> lags)
    {
        while (before < last)
        {
            var page = await server.Api.GetFromJsonAsync<JsonElement>($"/v1/events?limit=500&wait=10&after={cursor}");
            var now = TimeProvider.System.GetUtcNow();
            foreach (var entry in page.GetProperty("data").EnumerateArray())
            {
                if (entry.GetProperty("sequence").GetInt64() != before + 1)
                    return false;
                before++;
                if (before % 50 == 0)
                    lags.Add((now - entry.GetProperty("created_at").GetDateTimeOffset()).TotalMilliseconds);
            }
            cursor = page.GetProperty("cursor").GetString()!;
        }
        return before == last;
    }
}
