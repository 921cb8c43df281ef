using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Commune.Peers;

/// <summary>How <see cref="FakeDns"/> fails for a name.</summary>
public enum FakeDnsFailure
{
    /// <summary>No answer at all.</summary>
    Timeout,

    ServFail,
    Refused,
    NxDomain,

    /// <summary>UDP answers are empty and have TC set; TCP gives the whole answer.</summary>
    Truncated,

    /// <summary>FORMERR for a query with EDNS, the answer for one without.</summary>
    NoEdns,

    /// <summary>Wrong answers (id, question, noise) before the right one.</summary>
    Forged,

    /// <summary>Octets that are no DNS message, and nothing else.</summary>
    Garbage,
}

/// <summary>A name server on a loopback port, over UDP and TCP, that knows what a test tells it. Names it was told
/// nothing about do not exist. Names are case-insensitive and are written without a trailing dot.</summary>
/// <example><code>
/// await using var dns = new FakeDns();
/// dns.Mx("example.org", 10, "mx.example.org");
/// dns.A("mx.example.org", "127.0.0.1");
/// var resolver = new DnsResolver(new DnsResolverSettings { Servers = [dns.EndPoint] }, TimeProvider.System);
/// </code></example>
public sealed class FakeDns : IAsyncDisposable
{
    private sealed record Zone(string Name)
    {
        public ConcurrentQueue<FakeDnsRecord> Records { get; } = [];

        public FakeDnsFailure? Failure { get; set; }

        public TaskCompletionSource? Held { get; set; }

        public int Queries;

        public int TcpQueries;
    }

    private readonly ConcurrentDictionary<string, Zone> _zones = new(StringComparer.OrdinalIgnoreCase);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<int, Task> _answering = [];
    private readonly Socket _udp;
    private readonly TcpListener _tcp;
    private readonly Task[] _loops;
    private int _queries;
    private int _next;

    public FakeDns()
    {
        (_udp, _tcp) = Bind();
        EndPoint = (IPEndPoint)_udp.LocalEndPoint!;
        _loops = [ServeUdpAsync(), ServeTcpAsync()];
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary><c>127.0.0.1:port</c>, as the setting <c>Commune__Dns__Servers</c> takes it.</summary>
    public string Address => EndPoint.ToString();

    /// <summary>The TTL of records added from now on, in seconds.</summary>
    public int Ttl { get; set; } = 300;

    /// <summary>The TTL and the MINIMUM field of the SOA in negative answers, in seconds; null leaves the SOA out.</summary>
    public int? NegativeTtl { get; set; } = 60;

    /// <summary>Whether the target's records come with a CNAME, as from a recursive server.</summary>
    public bool FollowsCnames { get; set; } = true;

    /// <summary>How many queries came in, in all.</summary>
    public int Queries => Volatile.Read(ref _queries);

    /// <summary>How many queries for this name came in, over UDP and TCP.</summary>
    public int QueriesFor(string name) => Volatile.Read(ref Get(name).Queries);

    public int TcpQueriesFor(string name) => Volatile.Read(ref Get(name).TcpQueries);

    /// <summary>Adds one TXT record. Several strings are several character-strings of one record; a string beyond 255
    /// octets is split.</summary>
    public void Txt(string name, params string[] strings) => Add(name, FakeDnsRecord.Txt(Ttl, strings));

    public void Mx(string name, int preference, string exchange) => Add(name, FakeDnsRecord.Mx(Ttl, preference, exchange));

    public void A(string name, string address) => Add(name, FakeDnsRecord.Address(Ttl, IPAddress.Parse(address)));

    public void Aaaa(string name, string address) => Add(name, FakeDnsRecord.Address(Ttl, IPAddress.Parse(address)));

    public void Cname(string name, string target) => Add(name, FakeDnsRecord.Name(Ttl, FakeDnsRecord.TypeCname, target));

    /// <summary>The PTR record of an address.</summary>
    public void Ptr(string address, string name) =>
        Add(ReverseOf(IPAddress.Parse(address)), FakeDnsRecord.Name(Ttl, FakeDnsRecord.TypePtr, name));

    /// <summary>A record of any type, with these octets as its data.</summary>
    public void Raw(string name, ushort type, byte[] data) => Add(name, new FakeDnsRecord(type, Ttl, data));

    /// <summary>Makes every query for a name fail; null ends that.</summary>
    public void Fail(string name, FakeDnsFailure? failure) => Get(name).Failure = failure;

    /// <summary>Forgets the records of a name.</summary>
    public void Clear(string name) => Get(name).Records.Clear();

    /// <summary>Holds back the answers for a name until <see cref="Release"/>.</summary>
    public void Hold(string name) =>
        Get(name).Held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release(string name)
    {
        var zone = Get(name);
        zone.Held?.TrySetResult();
        zone.Held = null;
    }

    /// <summary>The name of an address below <c>in-addr.arpa</c> or <c>ip6.arpa</c>.</summary>
    public static string ReverseOf(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork
        ? string.Join('.', address.GetAddressBytes().Reverse()) + ".in-addr.arpa"
        : string.Join('.', Convert.ToHexStringLower(address.GetAddressBytes()).Reverse()) + ".ip6.arpa";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _udp.Dispose();
        _tcp.Dispose();
        foreach (var name in _zones.Keys)
            Release(name);
        await Task.WhenAll([.. _loops, .. _answering.Values]);
        _stop.Dispose();
    }

    private static (Socket Udp, TcpListener Tcp) Bind()
    {
        // One port number for both: another process may have the TCP port that UDP was given.
        for (var tries = 0; ; tries++)
        {
            var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            udp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            var tcp = new TcpListener((IPEndPoint)udp.LocalEndPoint!);
            try
            {
                tcp.Start();
                return (udp, tcp);
            }
            catch (SocketException) when (tries < 20)
            {
                udp.Dispose();
                tcp.Dispose();
            }
        }
    }

    private Zone Get(string name) => _zones.GetOrAdd(name.TrimEnd('.'), key => new Zone(key));

    private void Add(string name, FakeDnsRecord record) => Get(name).Records.Enqueue(record);

    private async Task ServeUdpAsync()
    {
        var buffer = new byte[4096];
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var received = await _udp.ReceiveFromAsync(
                    buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                var query = buffer.AsSpan(0, received.ReceivedBytes).ToArray();
                Track(AnswerUdpAsync(query, received.RemoteEndPoint));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // Stopped, or a peer that closed its port before our answer reached it.
            }
        }
    }

    private async Task AnswerUdpAsync(byte[] query, EndPoint peer)
    {
        foreach (var response in await RespondAsync(query, isTcp: false))
        {
            try
            {
                await _udp.SendToAsync(response, SocketFlags.None, peer, _stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeTcpAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Track(AnswerTcpAsync(await _tcp.AcceptTcpClientAsync(_stop.Token)));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // Stopped.
            }
        }
    }

    private async Task AnswerTcpAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var prefix = new byte[2];
                await stream.ReadExactlyAsync(prefix, _stop.Token);
                var query = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
                await stream.ReadExactlyAsync(query, _stop.Token);
                foreach (var response in await RespondAsync(query, isTcp: true))
                {
                    BinaryPrimitives.WriteUInt16BigEndian(prefix, (ushort)response.Length);
                    await stream.WriteAsync((byte[])[.. prefix, .. response], _stop.Token);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
            {
                // Stopped, or the peer went away.
            }
        }
    }

    private void Track(Task task)
    {
        var id = Interlocked.Increment(ref _next);
        _answering[id] = task;
        _ = task.ContinueWith(_ => _answering.TryRemove(id, out Task? _), TaskScheduler.Default);
    }

    private async Task<IReadOnlyList<byte[]>> RespondAsync(byte[] query, bool isTcp)
    {
        Interlocked.Increment(ref _queries);
        if (!FakeDnsQuery.TryRead(query, out var question))
            return [];
        var zone = Get(question.Name);
        Interlocked.Increment(ref zone.Queries);
        if (isTcp)
            Interlocked.Increment(ref zone.TcpQueries);
        if (zone.Held is { } held)
            await held.Task;

        return zone.Failure switch
        {
            FakeDnsFailure.Timeout => [],
            FakeDnsFailure.ServFail => [question.Respond(2)],
            FakeDnsFailure.Refused => [question.Respond(5)],
            FakeDnsFailure.NxDomain => [question.Respond(3, soaTtl: NegativeTtl)],
            FakeDnsFailure.NoEdns when question.HasEdns => [question.Respond(1)],
            FakeDnsFailure.Truncated when !isTcp => [question.Respond(0, isTruncated: true)],
            FakeDnsFailure.Garbage => [[0xFF, 0x00, 0xFF], new byte[600]],
            FakeDnsFailure.Forged =>
            [
                [1, 2, 3],
                (question with { Id = (ushort)(question.Id + 1) }).Respond(3),
                (question with { Name = "forged.example" }).Respond(3),
                Answer(question),
            ],
            _ => [Answer(question)],
        };
    }

    private byte[] Answer(FakeDnsQuery question)
    {
        var answers = new List<(string, FakeDnsRecord)>();
        var name = question.Name;
        // As many as a chain may have, and then some: a loop is answered as far as it is walked.
        for (var hops = 0; hops < 12; hops++)
        {
            var records = Get(name).Records.ToArray();
            answers.AddRange(records.Where(r => r.Type == question.Type).Select(r => (name, r)));
            var alias = records.FirstOrDefault(r => r.Type == FakeDnsRecord.TypeCname);
            if (alias is null || question.Type == FakeDnsRecord.TypeCname)
                break;
            answers.Add((name, alias));
            if (!FollowsCnames)
                break;
            name = alias.Target!;
        }

        // A name exists when it has records, or when a name below it has (RFC 8020).
        var exists = answers.Count > 0 || _zones.Values.Any(zone => !zone.Records.IsEmpty
            && (zone.Name.Equals(name, StringComparison.OrdinalIgnoreCase)
                || zone.Name.EndsWith("." + name, StringComparison.OrdinalIgnoreCase)));
        var isNegative = !answers.Any(answer => answer.Item2.Type == question.Type);
        return question.Respond(exists ? 0 : 3, answers, soaTtl: isNegative && answers.Count == 0 ? NegativeTtl : null);
    }
}
