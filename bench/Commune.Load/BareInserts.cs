using System.Diagnostics;
using System.Threading.Channels;

namespace Commune.Load;

/// <summary>A table of rows of bytes, into which a group of rows goes durably in one commit.</summary>
internal interface IBareTable : IAsyncDisposable
{
    Task InsertAsync(IReadOnlyList<ReadOnlyMemory<byte>> rows);
}

/// <summary>
/// What the database can do at most: rows inserted by waiting producers through one group-committing writer, each producer released
/// when its row is durable, with nothing parsed and nothing but one table.
/// </summary>
internal static class BareInserts
{
    /// <summary>Rows per second.</summary>
    public static async Task<double> MeasureAsync(LoadOptions options, ServerHome home)
    {
        await using IBareTable table = home.Connection is { } connection
            ? await PostgresBareTable.OpenAsync(connection) : new SqliteBareTable(Path.Combine(home.Directory, "bare.db"));
        var queue = Channel.CreateUnbounded<Row>(new UnboundedChannelOptions { SingleReader = true });
        var random = new Random(1);
        var rows = Enumerable.Range(0, options.Producers).Select(n => new SampleMail(n % SampleMail.Shapes, random, options.Size, "load@commune.localhost", "").Message);

        using var stop = new CancellationTokenSource();
        var writer = Task.Run(() => WriteAsync(table, queue.Reader));
        var counters = rows.Select(row => Task.Run(() => ProduceAsync(queue.Writer, row, stop.Token))).ToArray();
        var clock = TimeProvider.System;
        await Task.Delay(TimeSpan.FromSeconds(1), clock, CancellationToken.None);
        var before = Interlocked.Read(ref inserted);
        var from = Stopwatch.GetTimestamp();
        await Task.Delay(options.Duration, clock, CancellationToken.None);
        var rate = (Interlocked.Read(ref inserted) - before) / Stopwatch.GetElapsedTime(from).TotalSeconds;
        await stop.CancelAsync();
        await Task.WhenAll(counters);
        queue.Writer.Complete();
        await writer;
        return rate;
    }

    private static long inserted;

    private static async Task ProduceAsync(ChannelWriter<Row> queue, ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var row = new Row(bytes);
            await queue.WriteAsync(row, CancellationToken.None);
            await row.Durable.Task;
        }
    }

    private static async Task WriteAsync(IBareTable table, ChannelReader<Row> queue)
    {
        var group = new List<Row>();
        var bytes = new List<ReadOnlyMemory<byte>>();
        while (await queue.WaitToReadAsync())
        {
            while (queue.TryRead(out var row))
            {
                group.Add(row);
                bytes.Add(row.Bytes);
            }
            await table.InsertAsync(bytes);
            Interlocked.Add(ref inserted, group.Count);
            foreach (var row in group)
                row.Durable.SetResult();
            group.Clear();
            bytes.Clear();
        }
    }

    private sealed record Row(ReadOnlyMemory<byte> Bytes)
    {
        public TaskCompletionSource Durable { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
