using System.Diagnostics;
using System.Net;

namespace Commune.Load;

/// <param name="Accepted">Messages that got a 250, warm-up included.</param>
/// <param name="PerSecond">250s per second of the measured part: behind the warm-up, and up to where the first session runs dry.</param>
/// <param name="GeneratorCpu">Processor time of this program per message of the measured part.</param>
/// <param name="ServerCpu">Processor time of the server per message of the measured part.</param>
internal sealed record SmtpLoadResult(int Accepted, double PerSecond, TimeSpan GeneratorCpu, TimeSpan ServerCpu);

/// <summary>Sends messages over many sessions at once, each on a thread that waits in the kernel: cheaper than asynchronous sockets here.</summary>
internal sealed class SmtpLoad(IPEndPoint server, string recipient, int messages, int warmUp, int size, Func<TimeSpan> serverCpu)
{
    private readonly TaskCompletionSource failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int taken;
    private int accepted;
    private int end;
    private Moment? started;
    private Moment? ended;

    public async Task<SmtpLoadResult> RunAsync(int sessions)
    {
        if (warmUp >= messages - sessions)
            throw new LoadException("--messages must be more than --warmup and --sessions together.");
        end = messages - sessions;
        var run = (uint)Random.Shared.Next();
        var threads = Enumerable.Range(0, sessions).Select(number => new SmtpLoadSession(this, number, run, recipient, size)).Select(Start).ToArray();
        await await Task.WhenAny(Task.WhenAll(threads), failed.Task);

        var (from, to) = (started!, ended!);
        double counted = end - warmUp;
        return new SmtpLoadResult(accepted, counted / Stopwatch.GetElapsedTime(from.Timestamp, to.Timestamp).TotalSeconds,
            (to.Generator - from.Generator) / counted, (to.Server - from.Server) / counted);
    }

    public IPEndPoint Server => server;

    /// <summary>A place among the messages to send; false when all have gone.</summary>
    public bool TryTake() => Interlocked.Increment(ref taken) <= messages;

    public void CountAccepted()
    {
        var count = Interlocked.Increment(ref accepted);
        if (count == warmUp)
            started = Now();
        else if (count == end)
            ended = Now();
    }

    private Moment Now()
    {
        using var self = Process.GetCurrentProcess();
        return new Moment(Stopwatch.GetTimestamp(), self.TotalProcessorTime, serverCpu());
    }

    private Task Start(SmtpLoadSession session)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                session.Run();
                done.SetResult();
            }
            catch (Exception error)
            {
                done.SetException(error);
                failed.TrySetException(new LoadException($"A session failed: {error.Message}"));
            }
        }) { IsBackground = true, Name = "smtp session" }.Start();
        return done.Task;
    }

    private sealed record Moment(long Timestamp, TimeSpan Generator, TimeSpan Server);
}
