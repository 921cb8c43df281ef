using System.Globalization;
using System.Text;

namespace Commune.Peers;

/// <summary>A request as it came.</summary>
/// <param name="Headers">Names in lower case.</param>
internal sealed record FakeHttpRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body);

/// <summary>Just as much HTTP/1.1 as a faked server needs that must be able to break the rules.</summary>
internal static class FakeHttp
{
    /// <summary>The next request; null when the caller closed the connection.</summary>
    public static async Task<FakeHttpRequest?> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        var head = new List<byte>();
        var octet = new byte[1];
        while (head.Count < 4 || head[^1] != '\n' || head[^2] != '\r' || head[^3] != '\n')
        {
            if (await stream.ReadAsync(octet, cancellation) == 0)
                return null;
            head.Add(octet[0]);
        }
        var lines = Encoding.ASCII.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var first = lines[0].Split(' ');
        var headers = lines.Skip(1).Select(static line => line.Split(':', 2))
            .ToDictionary(static pair => pair[0].Trim().ToLowerInvariant(), static pair => pair[1].Trim(), StringComparer.Ordinal);
        var body = new byte[int.Parse(headers.GetValueOrDefault("content-length", "0"), CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body, cancellation);
        return new FakeHttpRequest(first[0], first[1], headers, body);
    }

    /// <summary>Says nothing until the caller goes away.</summary>
    public static async Task UntilLeftAsync(Stream stream, CancellationToken cancellation)
    {
        var octet = new byte[1];
        while (await stream.ReadAsync(octet, cancellation) > 0)
        {
        }
    }

    public static async Task WriteAsync(Stream stream, string text, CancellationToken cancellation)
    {
        await stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancellation);
        await stream.FlushAsync(cancellation);
    }
}
