using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Commune.Load;

/// <summary>Postfix's <c>smtp-sink</c>: takes every message, forgets it, and counts.</summary>
internal sealed class SmtpSinkProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Process process;
    private readonly Task reading;
    private readonly Lock gate = new();
    private readonly List<(int Count, TaskCompletionSource Reached)> waiting = [];
    private int received;

    private SmtpSinkProcess(Process process, IPEndPoint endPoint)
    {
        this.process = process;
        EndPoint = endPoint;
        reading = Task.Run(ReadAsync);
    }

    public IPEndPoint EndPoint { get; }

    public int Received => Volatile.Read(ref received);

    /// <exception cref="LoadException">It is not installed.</exception>
    public static async Task<SmtpSinkProcess> StartAsync()
    {
        var endPoint = new IPEndPoint(IPAddress.Loopback, FreePort());
        var start = new ProcessStartInfo(Find("smtp-sink"), ["-u", "nobody", "-c", endPoint.ToString(), "1024"])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        var sink = new SmtpSinkProcess(Process.Start(start) ?? throw new LoadException("smtp-sink does not start."), endPoint);
        await ListeningAsync(endPoint);
        return sink;
    }

    /// <summary>Waits until so many have come in since the start.</summary>
    public Task WaitAsync(int count)
    {
        lock (gate)
        {
            if (received >= count)
                return Task.CompletedTask;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Add((count, reached));
            return reached.Task;
        }
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        await reading;
        process.Dispose();
    }

    /// <summary>A program of Debian's package postfix.</summary>
    public static string Find(string program) =>
        new[] { "/usr/sbin", "/usr/lib/postfix/sbin", "/sbin" }.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists)
            ?? throw new LoadException($"{program} is not there: install the package postfix.");

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <exception cref="LoadException">Nobody listens there in time.</exception>
    public static async Task ListeningAsync(IPEndPoint endPoint)
    {
        for (var from = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(endPoint);
                return;
            }
            catch (SocketException)
            {
                if (Stopwatch.GetElapsedTime(from) > Patience)
                    throw new LoadException($"Nobody listens at {endPoint}.");
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
            }
        }
    }

    /// <summary>It shows <c>sess=1 quit=0 mesg=25</c> again and again, each on top of the last.</summary>
    private async Task ReadAsync()
    {
        var buffer = new byte[64 * 1024];
        var text = "";
        while (await process.StandardOutput.BaseStream.ReadAsync(buffer) is > 0 and var read)
        {
            text += Encoding.ASCII.GetString(buffer, 0, read);
            var at = text.LastIndexOf("mesg=", StringComparison.Ordinal);
            var end = at < 0 ? -1 : text.AsSpan(at).IndexOfAny('\r', '\n');
            if (end > 0)
            {
                Count(int.Parse(text.AsSpan(at + 5, end - 5).Trim(), CultureInfo.InvariantCulture));
                text = text[(at + end)..];
            }
        }
    }

    private void Count(int count)
    {
        lock (gate)
        {
            received = count;
            foreach (var (_, reached) in waiting.FindAll(one => one.Count <= count))
                reached.TrySetResult();
            waiting.RemoveAll(one => one.Count <= count);
        }
    }
}
