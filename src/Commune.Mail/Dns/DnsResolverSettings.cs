using System.Net;

namespace Commune.Mail.Dns;

/// <summary>What a <see cref="DnsResolver"/> needs to know. The servers are recursive resolvers.</summary>
public sealed record DnsResolverSettings
{
    private const int Port = 53;

    public required IReadOnlyList<IPEndPoint> Servers { get; init; }

    /// <summary>How long one server is waited for before the next is asked.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How many times a question is asked in all, going round the servers.</summary>
    public int Tries { get; init; } = 3;

    /// <summary>The most answers that are remembered; the least recently used goes first.</summary>
    public int CacheEntries { get; init; } = 10_000;

    /// <summary>The largest UDP answer we ask for, in octets. 1232 avoids fragments on every path.</summary>
    public int UdpPayload { get; init; } = 1232;

    /// <summary>The name servers of <c>/etc/resolv.conf</c>; the local host when there are none (resolv.conf(5)).</summary>
    public static DnsResolverSettings FromSystem()
    {
        string text;
        try
        {
            text = File.ReadAllText("/etc/resolv.conf");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            text = "";
        }

        return new DnsResolverSettings { Servers = ParseResolvConf(text) };
    }

    internal static IReadOnlyList<IPEndPoint> ParseResolvConf(string text)
    {
        var servers = new List<IPEndPoint>();
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (words is ["nameserver", var address, ..] && IPAddress.TryParse(address, out var ip))
                servers.Add(new IPEndPoint(ip, Port));
        }

        return servers.Count > 0 ? servers : [new IPEndPoint(IPAddress.Loopback, Port)];
    }
}
