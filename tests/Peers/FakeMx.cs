using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Commune.Peers;

/// <summary>A mail server on a loopback port that takes every message and remembers it, except where a test tells it to
/// do something else. It offers what the properties say at the moment of EHLO.</summary>
/// <example><code>
/// await using var mx = new FakeMx();
/// mx.On("RCPT", "451 4.7.1 Greylisted", times: 1);
/// mx.On("CONTENT", command => command.Connection == 1 ? FakeMxAction.Drop : FakeMxAction.Default);
/// var message = (await mx.WaitForMessagesAsync(1, TimeSpan.FromSeconds(30)))[0];
/// </code></example>
public sealed class FakeMx : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Func<FakeMxCommand, FakeMxAction>> _scripts = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, string> _recipientReplies = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<int, (Socket Socket, Task Session)> _sessions = [];
    private readonly ConcurrentQueue<FakeMxCommand> _commands = [];
    private readonly Lock _gate = new();
    private readonly List<FakeMxMessage> _messages = [];
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiting = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _loop;
    private int _connections;

    /// <param name="hostName">Its name, which is also the name in its certificate.</param>
    public FakeMx(string hostName = "mx.fake.test")
    {
        HostName = hostName;
        Certificate = MakeCertificate(hostName);
        _listener.Start();
        EndPoint = (IPEndPoint)_listener.LocalEndpoint;
        _loop = AcceptAsync();
    }

    public string HostName { get; }

    public IPEndPoint EndPoint { get; }

    public int Port => EndPoint.Port;

    /// <summary>Self-signed, valid for <see cref="HostName"/>.</summary>
    public X509Certificate2 Certificate { get; }

    public bool OffersEhlo { get; set; } = true;

    public bool OffersPipelining { get; set; } = true;

    public bool Offers8BitMime { get; set; } = true;

    public bool OffersSmtpUtf8 { get; set; } = true;

    public bool OffersStartTls { get; set; }

    public bool OffersDsn { get; set; }

    /// <summary>Null: SIZE is not offered; 0: without a limit.</summary>
    public long? OffersSize { get; set; } = 50 * 1024 * 1024;

    /// <summary>SASL mechanisms, as in <c>PLAIN LOGIN</c>; null: AUTH is not offered. Any user is let in unless
    /// <see cref="Password"/> says otherwise.</summary>
    public string? OffersAuth { get; set; }

    /// <summary>The only password that is right; null: any.</summary>
    public string? Password { get; set; }

    /// <summary>TLS from the first octet.</summary>
    public bool IsImplicitTls { get; set; }

    /// <summary>How many connections there have been.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>How many there are now.</summary>
    public int OpenConnections => _sessions.Count;

    /// <summary>Every command so far, in the order in which they came.</summary>
    public IReadOnlyList<FakeMxCommand> Commands => [.. _commands];

    public IReadOnlyList<FakeMxMessage> Messages
    {
        get
        {
            lock (_gate)
                return [.. _messages];
        }
    }

    /// <summary>Asks a script about each command with this verb (see <see cref="FakeMxCommand"/> for the names of the
    /// other moments). It replaces an earlier script for the verb.</summary>
    public void On(string verb, Func<FakeMxCommand, FakeMxAction> script) => _scripts[verb] = script;

    /// <summary>Does the same for each command with this verb.</summary>
    public void On(string verb, FakeMxAction action) => On(verb, _ => action);

    /// <summary>Replies so to the first commands with this verb, <paramref name="times"/> of them.</summary>
    public void On(string verb, string reply, int times = int.MaxValue)
    {
        var left = times;
        On(verb, _ => Interlocked.Decrement(ref left) >= 0 ? FakeMxAction.Reply(reply) : FakeMxAction.Default);
    }

    /// <summary>Replies so to RCPT for this address, unless a script for RCPT acts.</summary>
    public void OnRecipient(string address, string reply) => _recipientReplies[address] = reply;

    /// <summary>Forgets all scripts.</summary>
    public void Behave()
    {
        _scripts.Clear();
        _recipientReplies.Clear();
    }

    /// <summary>Waits until this many messages have come in since the start, and returns them all.</summary>
    /// <exception cref="TimeoutException">They did not. Its message says what did come.</exception>
    public async Task<IReadOnlyList<FakeMxMessage>> WaitForMessagesAsync(int count, TimeSpan timeout)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_messages.Count >= count)
                return [.. _messages];
            _waiting.Add((count, reached));
        }

        try
        {
            await reached.Task.WaitAsync(timeout);
        }
        catch (TimeoutException e)
        {
            var dialogue = string.Join('\n', _commands.Select(c => $"  {c.Connection}: {c.Line}"));
            throw new TimeoutException($"{Messages.Count} of {count} messages came within {timeout}. Commands:\n{dialogue}", e);
        }

        return Messages;
    }

    /// <summary>Cuts all connections that are open.</summary>
    public void DropAll()
    {
        foreach (var (socket, _) in _sessions.Values)
            socket.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _loop;
        DropAll();
        await Task.WhenAll(_sessions.Values.Select(s => s.Session));
        _stop.Dispose();
        Certificate.Dispose();
    }

    internal FakeMxAction Ask(FakeMxCommand command)
    {
        _commands.Enqueue(command);
        return _scripts.TryGetValue(command.Verb, out var script) ? script(command) : FakeMxAction.Default;
    }

    internal string? ReplyForRecipient(string address) => _recipientReplies.GetValueOrDefault(address);

    internal void Take(FakeMxMessage message)
    {
        lock (_gate)
        {
            _messages.Add(message);
            foreach (var (_, reached) in _waiting.FindAll(w => w.Count <= _messages.Count))
                reached.TrySetResult();
            _waiting.RemoveAll(w => w.Count <= _messages.Count);
        }
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token);
                socket.NoDelay = true;
                var number = Interlocked.Increment(ref _connections);
                var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _sessions[number] = (socket, ServeAsync(socket, number, start.Task));
                start.SetResult();
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // Stopped.
            }
        }
    }

    private async Task ServeAsync(Socket socket, int number, Task registered)
    {
        await registered;
        try
        {
            await using var session = new FakeMxSession(this, socket, number, _stop.Token);
            await session.RunAsync();
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException
            or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            // The peer went away, or would not have our certificate.
        }
        finally
        {
            socket.Dispose();
            _sessions.TryRemove(number, out _);
        }
    }

    private static X509Certificate2 MakeCertificate(string hostName)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={hostName}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(hostName);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
    }
}
