using System.Net;
using System.Net.Sockets;

namespace Commune.Mail.Dns;

/// <summary>A stub resolver (RFC 1035, 2308, 6891): asks the configured recursive servers in turn, follows CNAMEs,
/// remembers answers for as long as they live, and asks a question once however many wait for it. Thread-safe.</summary>
public sealed class DnsResolver(DnsResolverSettings settings, TimeProvider time) : IDnsResolver
{
    private readonly Lock _gate = new();
    private readonly DnsCache _cache = new(settings.CacheEntries, time);
    private readonly Dictionary<DnsQuestion, Task<DnsAnswer>> _underWay = [];
    private readonly DnsExchange _exchange = new(settings, time);
    private readonly IReadOnlyList<IPEndPoint> _servers = settings.Servers.Count > 0
        ? settings.Servers
        : throw new ArgumentException("A resolver needs a server to ask.", nameof(settings));
    private int _preferredServer;

    public ValueTask<DnsResult<string>> TxtAsync(string name, CancellationToken ct) =>
        ResolveAsync<string>(name, DnsRecordType.Txt, ct);

    public async ValueTask<DnsResult<MxRecord>> MxAsync(string name, CancellationToken ct)
    {
        var result = await ResolveAsync<MxRecord>(name, DnsRecordType.Mx, ct);
        return result with { Records = [.. result.Records.OrderBy(mx => mx.Preference)] };
    }

    public async ValueTask<DnsResult<IPAddress>> AddressesAsync(string name, AddressFamily? family, CancellationToken ct)
    {
        switch (family)
        {
            case AddressFamily.InterNetwork:
                return await ResolveAsync<IPAddress>(name, DnsRecordType.A, ct);
            case AddressFamily.InterNetworkV6:
                return await ResolveAsync<IPAddress>(name, DnsRecordType.Aaaa, ct);
            case null:
                var second = ResolveAsync<IPAddress>(name, DnsRecordType.Aaaa, ct).AsTask();
                var first = await ResolveAsync<IPAddress>(name, DnsRecordType.A, ct);
                return Merge(first, await second);
            default:
                throw new ArgumentOutOfRangeException(nameof(family), family, "IPv4, IPv6 or null.");
        }
    }

    public ValueTask<DnsResult<string>> PtrAsync(IPAddress address, CancellationToken ct) =>
        ResolveAsync<string>(DnsName.ReverseOf(address), DnsRecordType.Ptr, ct);

    public ValueTask<DnsResult<string>> CnameAsync(string name, CancellationToken ct) =>
        ResolveAsync<string>(name, DnsRecordType.Cname, ct);

    internal int CachedAnswers
    {
        get
        {
            lock (_gate)
                return _cache.Count;
        }
    }

    private async ValueTask<DnsResult<T>> ResolveAsync<T>(string name, DnsRecordType type, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (!DnsName.TryNormalize(name, out var current))
            return new DnsResult<T>(DnsStatus.NameError, []);

        for (var aliases = 0; aliases <= DnsAnswerReader.MaxAliases; aliases++)
        {
            var answer = await AnswerAsync(new DnsQuestion(current, type), ct);
            if (answer.Alias is null)
                return new DnsResult<T>(answer.Status, [.. answer.Values.Cast<T>()]);
            current = answer.Alias;
        }

        // A loop of CNAMEs, or as good as one: somebody may mend the zone, so it is temporary.
        return new DnsResult<T>(DnsStatus.ServerFailure, []);
    }

    private async ValueTask<DnsAnswer> AnswerAsync(DnsQuestion question, CancellationToken ct)
    {
        Task<DnsAnswer>? asking;
        lock (_gate)
        {
            if (_cache.Find(question) is { } known)
                return known;
            if (!_underWay.TryGetValue(question, out asking))
            {
                // Not tied to the caller's token: others may be waiting for the same answer. Its own time limits end it.
                asking = Task.Run(() => AskAndStoreAsync(question), CancellationToken.None);
                _underWay[question] = asking;
            }
        }

        return await asking.WaitAsync(ct);
    }

    private async Task<DnsAnswer> AskAndStoreAsync(DnsQuestion question)
    {
        var answer = DnsAnswer.Failed(DnsStatus.ServerFailure);
        try
        {
            answer = await AskServersAsync(question);
            return answer;
        }
        finally
        {
            lock (_gate)
            {
                _underWay.Remove(question);
                _cache.Store(question, answer);
            }
        }
    }

    private async Task<DnsAnswer> AskServersAsync(DnsQuestion question)
    {
        var failure = DnsStatus.Timeout;
        var first = Volatile.Read(ref _preferredServer);
        for (var i = 0; i < settings.Tries; i++)
        {
            var server = (first + i) % _servers.Count;
            var (status, message) = await _exchange.AskAsync(_servers[server], question);
            if (message is null)
            {
                failure = status;
                continue;
            }

            var answer = DnsAnswerReader.Read(message, question);
            if (answer.Status != DnsStatus.ServerFailure)
            {
                Volatile.Write(ref _preferredServer, server);
                return answer;
            }

            failure = answer.Status;
        }

        return DnsAnswer.Failed(failure);
    }

    /// <summary>Addresses of either family are enough to go on; without any, a failure that may pass weighs more than
    /// "there are none".</summary>
    private static DnsResult<IPAddress> Merge(DnsResult<IPAddress> v4, DnsResult<IPAddress> v6)
    {
        if (v4.Records.Count + v6.Records.Count > 0)
            return new DnsResult<IPAddress>(DnsStatus.Success, [.. v4.Records, .. v6.Records]);
        if (v4.IsTemporaryFailure)
            return v4;
        if (v6.IsTemporaryFailure)
            return v6;
        return v4.Status == DnsStatus.NoData ? v4 : v6;
    }
}
