using System.Collections.Concurrent;
using Commune.Server.Hosting;
using Microsoft.Extensions.Options;

namespace Commune.Server.Outbound;

/// <summary>The lines to the mail hosts of the world; closes the connections that nobody uses.</summary>
internal sealed class HostLines(IOptions<CommuneOptions> options, RetrySchedule schedule, ConnectHost connect, TimeProvider time) : BackgroundService
{
    /// <summary>A host that was not needed for so long begins anew.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<MailHost, HostLine> lines = new();

    public HostLine To(MailHost host) => lines.GetOrAdd(host, added => new HostLine(
        added, new LineLimits(options.Value.Outbound.ConcurrencyPerDestination, options.Value.Outbound.MessagesPerSecondPerDestination), schedule, connect, time));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(LookEvery, time, stoppingToken);
                await LookAsync();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await HostLine.CloseAsync([.. lines.Values.SelectMany(static line => line.TakeIdle(all: true))]);
        }
    }

    private Task LookAsync()
    {
        var unused = time.GetUtcNow() - KeptFor;
        var idle = new List<LineConnection>();
        foreach (var (host, line) in lines)
        {
            idle.AddRange(line.TakeIdle(all: false));
            // Whoever has the line in hand just now goes on with it: at worst the host is counted anew.
            if (line.LastUsed < unused && line.IsUnused)
                lines.TryRemove(host, out _);
        }
        return HostLine.CloseAsync(idle);
    }
}
