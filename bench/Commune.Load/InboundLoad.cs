using System.Net.Http.Json;
using System.Text.Json;
using Commune.Peers;

namespace Commune.Load;

/// <summary>
/// Mail per second, as a share of what the same database inserts bare on the same machine in the same run: durable, parsed and threaded only, as the share
/// that is wanted was set for, and with everything the program does by default.
/// </summary>
internal static class InboundLoad
{
    private const double Wanted = 0.35;

    /// <summary>What came into receipt later, each with a price of its own (docs/performance.md).</summary>
    private static readonly (string, string)[] WithoutExtras = [("Commune__Search__Enabled", "false"), ("Commune__Screening__Advisory", "false")];

    public static async Task<int> RunAsync(LoadOptions options)
    {
        Console.WriteLine($"{options.Engine}, {Environment.ProcessorCount} cores, {options.Size} bytes a message");
        if (options.Connection is { } connection && options.Engine == "postgres")
            Console.WriteLine($"  {await PostgresBareTable.DurabilityAsync(connection)}");

        // Before, between and after, since the machine may be slower at one time than at another.
        var before = await BareAsync(options);
        var received = await ReceiveAsync(options, "received", WithoutExtras);
        var between = await BareAsync(options);
        var whole = await ReceiveAsync(options, "with search and screening", []);
        var after = await BareAsync(options);

        var ratio = received.PerSecond / ((before + between) / 2);
        Console.WriteLine($"  ratio                {ratio,8:P1}  (wanted: {Wanted:P0})");
        Console.WriteLine($"    with search and screening {whole.PerSecond / ((between + after) / 2):P1}");
        return ratio >= Wanted && received.IsComplete && whole.IsComplete ? 0 : 1;
    }

    private static async Task<double> BareAsync(LoadOptions options)
    {
        await using var home = await ServerHome.MakeAsync(options);
        var rate = await BareInserts.MeasureAsync(options, home);
        Console.WriteLine($"  bare inserts         {rate,8:0}/s  ({options.Producers} producers)");
        return rate;
    }

    private static async Task<Receipt> ReceiveAsync(LoadOptions options, string what, (string, string)[] settings)
    {
        var messages = options.Messages ?? 40_000;
        await using var home = await ServerHome.MakeAsync(options);
        // Authentication asks for the sender's records: a name server of our own, whose answers may be kept as those of the world's.
        await using var dns = new FakeDns { NegativeTtl = 3600 };
        await using var server = await ServerProcess.StartAsync(options, home, [("Commune__Dns__Servers", dns.Address), .. settings]);
        var inbox = await server.CreateInboxAsync();
        var load = await new SmtpLoad(server.Smtp, inbox.Address, messages, options.WarmUp, options.Size, server.ProcessorTime).RunAsync(options.Sessions);
        Console.WriteLine($"  {what,-20} {load.PerSecond,8:0}/s  ({options.Sessions} sessions, {messages - options.WarmUp} messages behind {options.WarmUp})");
        Console.WriteLine($"    processor time     {load.ServerCpu.TotalMicroseconds,8:0} µs a message in the server, {load.GeneratorCpu.TotalMicroseconds:0} µs in this program");
        Console.WriteLine($"    server memory      {server.Memory("VmRSS") >> 20,8} MB, at most {server.Memory("VmHWM") >> 20} MB");
        var listed = await CountAsync(server, inbox);
        Console.WriteLine($"    250s {load.Accepted}, listed {listed}");
        return new Receipt(load.PerSecond, listed == load.Accepted);
    }

    /// <summary>How many different messages the API lists.</summary>
    private static async Task<int> CountAsync(ServerProcess server, LoadInbox inbox)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        string? cursor = null;
        do
        {
            var page = await server.Api.GetFromJsonAsync<JsonElement>($"/v1/messages?inbox_id={inbox.Id}&limit=200&cursor={cursor}");
            foreach (var message in page.GetProperty("data").EnumerateArray())
                ids.Add(message.GetProperty("id").GetString()!);
            cursor = page.GetProperty("next_cursor").GetString();
        }
        while (cursor is not null);
        return ids.Count;
    }

    /// <param name="IsComplete">The API lists every message that got a 250.</param>
    private sealed record Receipt(double PerSecond, bool IsComplete);
}
