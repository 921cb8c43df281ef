using System.Diagnostics;
using System.Globalization;

namespace Commune.Load;

/// <summary>
/// Messages per second from the API to a sink, signed with RSA-2048, as a multiple of what a Postfix on the same machine relays to the same sink
/// from SMTP, unsigned.
/// </summary>
internal static class OutboundLoad
{
    private const double Wanted = 2;
    private const int Domains = 20;

    public static async Task<int> RunAsync(LoadOptions options)
    {
        var messages = options.Messages ?? 10_000;
        Console.WriteLine($"{options.Engine}, {Environment.ProcessorCount} cores, {messages} messages, texts of {options.Size} bytes, {options.Sessions} callers");
        if (options.Alone)
        {
            await CommuneAsync(options, messages);
            return 0;
        }
        var before = await PostfixAsync(options, messages);
        Console.WriteLine($"  Postfix before       {before,8:0}/s");
        var ours = await CommuneAsync(options, messages);
        var after = await PostfixAsync(options, messages);
        Console.WriteLine($"  Postfix after        {after,8:0}/s");
        var ratio = ours / ((before + after) / 2);
        Console.WriteLine($"  ratio                {ratio,8:0.00}  (wanted: {Wanted:0})");
        return ratio >= Wanted ? 0 : 1;
    }

    private static async Task<double> CommuneAsync(LoadOptions options, int messages)
    {
        await using var home = await ServerHome.MakeAsync(options);
        await using var sink = await SmtpSinkProcess.StartAsync();
        await using var server = await ServerProcess.StartAsync(options, home, ("Commune__Outbound__Relay", $"smtp://{sink.EndPoint}"));
        var inbox = await server.CreateInboxAsync();
        var text = SampleText(options.Size);
        var warmUp = Math.Min(options.WarmUp, messages);
        await SendAsync(server, inbox, text, warmUp, options.Sessions);
        await sink.WaitAsync(warmUp);

        var (from, cpu, own) = (Stopwatch.GetTimestamp(), server.ProcessorTime(), Environment.CpuUsage.TotalTime);
        await SendAsync(server, inbox, text, messages, options.Sessions);
        var accepted = Stopwatch.GetElapsedTime(from);
        await sink.WaitAsync(warmUp + messages);
        var elapsed = Stopwatch.GetElapsedTime(from);
        Console.WriteLine($"  Commune              {messages / elapsed.TotalSeconds,8:0}/s  (accepted at {messages / accepted.TotalSeconds:0}/s, behind {warmUp})");
        Console.WriteLine($"    processor time     {(server.ProcessorTime() - cpu).TotalMicroseconds / messages,8:0} µs a message, of the load {(Environment.CpuUsage.TotalTime - own).TotalMicroseconds / messages:0}");
        return messages / elapsed.TotalSeconds;
    }

    private static Task SendAsync(ServerProcess server, LoadInbox inbox, string text, int messages, int callers)
    {
        var number = 0;
        return Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            using var caller = await SendCaller.ConnectAsync(server.Api.BaseAddress!, server.Key, inbox, text);
            while (Interlocked.Increment(ref number) is var mine && mine <= messages)
                await caller.SendAsync(mine, mine % Domains);
        })));
    }

    private static async Task<double> PostfixAsync(LoadOptions options, int messages)
    {
        await using var sink = await SmtpSinkProcess.StartAsync();
        await using var postfix = await PostfixProcess.StartAsync(options.Directory, sink.EndPoint);
        var from = Stopwatch.GetTimestamp();
        await PostfixProcess.RunAsync(SmtpSinkProcess.Find("smtp-source"),
            "-s", options.Sessions.ToString(CultureInfo.InvariantCulture), "-m", messages.ToString(CultureInfo.InvariantCulture),
            "-l", options.Size.ToString(CultureInfo.InvariantCulture), "-N", "-t", "user@sink.example", "-f", "load@source.example",
            postfix.Smtp.ToString());
        await sink.WaitAsync(messages);
        return messages / Stopwatch.GetElapsedTime(from).TotalSeconds;
    }

    private static string SampleText(int size)
    {
        const string Line = "Good morning, your order has left our house and will be with you tomorrow.\n";
        return string.Concat(Enumerable.Repeat(Line, 1 + (size / Line.Length)))[..size];
    }
}
