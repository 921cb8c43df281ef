using System.Net.Http.Json;
using System.Text.Json;
using Commune.Peers;

namespace Commune.Load;

/// <summary>Durable, parsed, threaded mail per second, as a share of what the same database inserts bare on the same machine in the same run.</summary>
internal static class InboundLoad
{
    private const double Wanted = 0.35;

    public static async Task<int> RunAsync(LoadOptions options)
    {
        await using var home = await ServerHome.MakeAsync(options);
        var messages = options.Messages ?? 40_000;
        Console.WriteLine($"{options.Engine}, {Environment.ProcessorCount} cores, {options.Size} bytes a message");
        if (home.Connection is { } connection)
            Console.WriteLine($"  {await PostgresBareTable.DurabilityAsync(connection)}");

        // Before and after, since the machine may be slower at one time than at another.
        var before = await BareInserts.MeasureAsync(options, home);
        Console.WriteLine($"  bare inserts before  {before,8:0}/s  ({options.Producers} producers)");
        SmtpLoadResult inbound;
        int listed;
        // Authentication asks for the sender's records: a name server of our own, whose answers may be kept as those of the world's.
        await using var dns = new FakeDns { NegativeTtl = 3600 };
        await using (var server = await ServerProcess.StartAsync(options, home, ("Commune__Dns__Servers", dns.Address)))
        {
            var inbox = await server.CreateInboxAsync();
            inbound = await new SmtpLoad(server.Smtp, inbox.Address, messages, options.WarmUp, options.Size, server.ProcessorTime).RunAsync(options.Sessions);
            Console.WriteLine($"  inbound              {inbound.PerSecond,8:0}/s  ({options.Sessions} sessions, {messages - options.WarmUp} messages behind {options.WarmUp})");
            Console.WriteLine($"    processor time     {inbound.ServerCpu.TotalMicroseconds,8:0} µs a message in the server, {inbound.GeneratorCpu.TotalMicroseconds:0} µs in this program");
            Console.WriteLine($"    server memory      {server.Memory("VmRSS") >> 20,8} MB, at most {server.Memory("VmHWM") >> 20} MB");
            listed = await CountAsync(server, inbox);
        }
        var after = await BareInserts.MeasureAsync(options, home);
        Console.WriteLine($"  bare inserts after   {after,8:0}/s");

        var ratio = inbound.PerSecond / ((before + after) / 2);
        Console.WriteLine($"  ratio                {ratio,8:P1}  (wanted: {Wanted:P0})");
        Console.WriteLine($"  250s {inbound.Accepted}, listed {listed}");
        return ratio >= Wanted && listed == inbound.Accepted ? 0 : 1;
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
}
