using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.Mail;
using Commune.Peers;

namespace Commune.Load;

/// <summary>How soon an idle server calls the endpoint after a 250, and how many calls a second it makes when mail pours in.</summary>
internal static class WebhookLoad
{
    private const int Single = 300;
    private const int SingleWarmUp = 50;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public static async Task<int> RunAsync(LoadOptions options)
    {
        await using var home = await ServerHome.MakeAsync(options);
        await using var dns = new FakeDns { NegativeTtl = 3600 };
        await using var hook = new FakeHook { KeepsCalls = false };
        await using var server = await ServerProcess.StartAsync(
            options, home, ("Commune__Dns__Servers", dns.Address), ("Commune__Webhooks__AllowPrivateNetworks", "true"));
        var inbox = await server.CreateInboxAsync();
        using (var set = await server.Api.PutAsJsonAsync($"/v1/inboxes/{inbox.Id}", new { webhook = new { endpoint = hook.Url } }))
            set.EnsureSuccessStatusCode();
        Console.WriteLine($"{options.Engine}, {Environment.ProcessorCount} cores");

        var (delays, late) = await DelaysAsync(server, inbox, hook);
        Console.WriteLine($"  250 to call, idle    p50 {delays[delays.Length / 2]:0.0} ms, p95 {delays[delays.Length * 95 / 100]:0.0} ms, {late} of {delays.Length} above 100 ms");

        var messages = options.Messages ?? 5000;
        var taken = 0;
        var all = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        hook.On(_ =>
        {
            if (Interlocked.Increment(ref taken) == messages)
                all.TrySetResult(Stopwatch.GetTimestamp());
            return FakeHookAnswer.Ok;
        });
        var from = Stopwatch.GetTimestamp();
        var inbound = await new SmtpLoad(server.Smtp, inbox.Address, messages, Math.Min(options.WarmUp, messages / 5), options.Size, server.ProcessorTime)
            .RunAsync(options.Sessions);
        var accepted = Stopwatch.GetElapsedTime(from);
        var done = Stopwatch.GetElapsedTime(from, await all.Task.WaitAsync(Patience));
        Console.WriteLine($"  inbound meanwhile    {inbound.PerSecond,8:0}/s  ({options.Size} bytes a message, {options.Sessions} sessions)");
        Console.WriteLine($"  calls                {messages / done.TotalSeconds,8:0}/s  ({messages} calls; the last {(done - accepted).TotalSeconds:0.0} s after the last 250)");
        return late == 0 ? 0 : 1;
    }

    /// <summary>Mail by mail: the time from the 250 to the call, in milliseconds, sorted.</summary>
    private static async Task<(double[] Sorted, int Late)> DelaysAsync(ServerProcess server, LoadInbox inbox, FakeHook hook)
    {
        using var client = new SmtpClient(server.Smtp.Address.ToString(), server.Smtp.Port);
        var delays = new List<double>();
        for (var i = 0; i < SingleWarmUp + Single; i++)
        {
            var called = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            hook.On(_ =>
            {
                called.TrySetResult(Stopwatch.GetTimestamp());
                return FakeHookAnswer.Ok;
            });
            using var mail = new MailMessage("kim@sender.example", inbox.Address, $"Single {i}", "One mail at a time.");
            await client.SendMailAsync(mail);
            var accepted = Stopwatch.GetTimestamp();
            var call = await called.Task.WaitAsync(Patience);
            if (i >= SingleWarmUp)
                delays.Add(Math.Max(0, (call - accepted) * 1000d / Stopwatch.Frequency));
        }
        delays.Sort();
        return ([.. delays], delays.Count(static delay => delay > 100));
    }
}
