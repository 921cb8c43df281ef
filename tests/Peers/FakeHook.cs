using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Commune.Peers;

/// <summary>A call as it came, byte for byte where that matters.</summary>
/// <param name="Headers">Names in lower case.</param>
public sealed record FakeHookCall(string Method, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string DeliveryId => Headers.GetValueOrDefault("x-commune-delivery-id", "");

    public string Text => Encoding.UTF8.GetString(Body);
}

/// <summary>What the endpoint does with a call.</summary>
public abstract record FakeHookAnswer
{
    /// <summary>Answers; further header lines end with CRLF each.</summary>
    public sealed record Reply(int Status, string Headers = "", string Body = "ok") : FakeHookAnswer;

    /// <summary>Says nothing until the caller goes away.</summary>
    public sealed record Hang : FakeHookAnswer;

    /// <summary>Sends the status line an octet at a time, <paramref name="Octets"/> of it, and then no more.</summary>
    public sealed record Drip(int Octets) : FakeHookAnswer;

    /// <summary>Resets the connection instead of answering.</summary>
    public sealed record Reset : FakeHookAnswer;

    /// <summary>Resets the connection in the middle of the body of an answer with this status.</summary>
    public sealed record ResetInBody(int Status) : FakeHookAnswer;

    /// <summary>Answers with a body that never ends.</summary>
    public sealed record Endless(int Status) : FakeHookAnswer;

    public static FakeHookAnswer Ok { get; } = new Reply(200);
}

/// <summary>A webhook endpoint on a loopback port that takes every call and remembers it, except where a test tells it to do something else.</summary>
public sealed class FakeHook : IAsyncDisposable
{
    private readonly ConcurrentQueue<FakeHookCall> calls = [];
    private readonly ConcurrentDictionary<string, int> underWay = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, (Socket Socket, Task Session)> sessions = [];
    private readonly CancellationTokenSource stop = new();
    private readonly X509Certificate2? certificate;
    private TcpListener listener = new(IPAddress.Loopback, 0);
    private Task loop;
    private Func<FakeHookCall, FakeHookAnswer> script = static _ => FakeHookAnswer.Ok;
    private TaskCompletionSource came = NewSignal();
    private int connections;
    private int mostParallel;
    private long octetsSent;

    /// <param name="tls">Speak TLS with a certificate that nobody trusts.</param>
    public FakeHook(bool tls = false)
    {
        certificate = tls ? MakeCertificate() : null;
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        loop = AcceptAsync(listener);
    }

    public int Port { get; }

    public string Url => $"{(certificate is null ? "http" : "https")}://127.0.0.1:{Port}/hook";

    /// <summary>Off, for a load that would fill the memory: the script alone sees the calls.</summary>
    public bool KeepsCalls { get; init; } = true;

    public IReadOnlyList<FakeHookCall> Calls => [.. calls];

    /// <summary>How many calls of one delivery were under way at once, at most.</summary>
    public int MostParallelOfOneDelivery => Volatile.Read(ref mostParallel);

    /// <summary>Octets of endless bodies that callers took.</summary>
    public long OctetsSent => Interlocked.Read(ref octetsSent);

    public void On(Func<FakeHookCall, FakeHookAnswer> answer) => script = answer;

    public void On(FakeHookAnswer answer) => script = _ => answer;

    /// <summary>Closes the port: connections are refused until <see cref="Start"/>.</summary>
    public async Task StopAsync()
    {
        listener.Dispose();
        await loop;
        foreach (var (socket, _) in sessions.Values)
            socket.Dispose();
    }

    /// <summary>Opens the port again, the same one.</summary>
    public void Start()
    {
        listener = new TcpListener(IPAddress.Loopback, Port);
        listener.Start();
        loop = AcceptAsync(listener);
    }

    /// <summary>Waits until the calls so far are enough.</summary>
    /// <exception cref="TimeoutException">They did not come.</exception>
    public async Task<IReadOnlyList<FakeHookCall>> WaitAsync(Func<IReadOnlyList<FakeHookCall>, bool> enough, TimeSpan limit)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var next = came.Task;
            var seen = Calls;
            if (enough(seen))
                return seen;
            var left = limit - TimeProvider.System.GetElapsedTime(start);
            try
            {
                await next.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero);
            }
            catch (TimeoutException error)
            {
                throw new TimeoutException($"{Calls.Count} calls came within {limit}, and they are not what was waited for.", error);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await StopAsync();
        await Task.WhenAll(sessions.Values.Select(static s => s.Session));
        stop.Dispose();
        certificate?.Dispose();
    }

    private async Task AcceptAsync(TcpListener on)
    {
        try
        {
            while (true)
            {
                var socket = await on.AcceptSocketAsync(stop.Token);
                var number = Interlocked.Increment(ref connections);
                sessions[number] = (socket, ServeAsync(socket));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The port was closed.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await Task.Yield();
        try
        {
            await using var network = new NetworkStream(socket, ownsSocket: true);
            if (certificate is null)
            {
                await TalkAsync(network, socket);
                return;
            }
            await using var tls = new SslStream(network);
            await tls.AuthenticateAsServerAsync(certificate);
            await TalkAsync(tls, socket);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException
            or System.Security.Authentication.AuthenticationException)
        {
            // The caller went away, or a test closed the port.
        }
    }

    private async Task TalkAsync(Stream stream, Socket socket)
    {
        // For reading only: the answers go around it.
        var input = new BufferedStream(stream, 16 * 1024);
        while (await FakeHttp.ReadAsync(input, stop.Token) is { } request)
        {
            var call = new FakeHookCall(request.Method, request.Path, request.Headers, request.Body);
            var parallel = underWay.AddOrUpdate(call.DeliveryId, 1, static (_, count) => count + 1);
            InterlockedMax(ref mostParallel, parallel);
            if (KeepsCalls)
                calls.Enqueue(call);
            Interlocked.Exchange(ref came, NewSignal()).SetResult();
            var open = await AnswerAsync(stream, socket, script(call), () => underWay.AddOrUpdate(call.DeliveryId, 0, static (_, count) => count - 1));
            if (!open)
                return;
        }
    }

    /// <param name="done">Called before the answer's last octets, since the caller may come again right after them.</param>
    private async Task<bool> AnswerAsync(Stream stream, Socket socket, FakeHookAnswer answer, Action done)
    {
        switch (answer)
        {
            case FakeHookAnswer.Reply reply:
                done();
                await FakeHttp.WriteAsync(stream, $"HTTP/1.1 {reply.Status} X\r\nContent-Length: {Encoding.UTF8.GetByteCount(reply.Body)}\r\n{reply.Headers}\r\n{reply.Body}", stop.Token);
                return true;
            case FakeHookAnswer.Hang:
                await FakeHttp.UntilLeftAsync(stream, stop.Token);
                done();
                return false;
            case FakeHookAnswer.Drip drip:
                foreach (var c in "HTTP/1.1 200 OK\r\n"[..drip.Octets])
                    await FakeHttp.WriteAsync(stream, c.ToString(), stop.Token);
                await FakeHttp.UntilLeftAsync(stream, stop.Token);
                done();
                return false;
            case FakeHookAnswer.Reset:
                done();
                socket.LingerState = new LingerOption(true, 0);
                return false;
            case FakeHookAnswer.ResetInBody reset:
                done();
                await FakeHttp.WriteAsync(stream, $"HTTP/1.1 {reset.Status} X\r\nContent-Length: 100000\r\n\r\nsome", stop.Token);
                socket.LingerState = new LingerOption(true, 0);
                return false;
            case FakeHookAnswer.Endless endless:
                await FakeHttp.WriteAsync(stream, $"HTTP/1.1 {endless.Status} X\r\nContent-Length: 1000000000\r\n\r\n", stop.Token);
                done();
                var block = new byte[8192];
                while (true)
                {
                    await stream.WriteAsync(block, stop.Token);
                    Interlocked.Add(ref octetsSent, block.Length);
                }
            default:
                throw new InvalidOperationException($"Unknown answer {answer.GetType().Name}");
        }
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen;)
        {
            var before = Interlocked.CompareExchange(ref most, value, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static X509Certificate2 MakeCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=hook.fake.test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
