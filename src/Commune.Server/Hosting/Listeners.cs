using System.Net;
using Commune.Server.Inbound;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Commune.Server.Hosting;

/// <summary>The ports of this node: HTTP as <c>--urls</c> says, SMTP beside it on the same Kestrel.</summary>
internal sealed class Listeners
{
    private const string StandardUrl = "http://127.0.0.1:8080";
    private readonly List<ListenOptions> http = [];
    private readonly List<ListenOptions> smtp = [];

    /// <summary>With the ports that were really bound, once the host has started.</summary>
    public IReadOnlyList<string> HttpUrls => [.. http.Select(static l => $"http://{Reachable(l.IPEndPoint!)}")];

    public IReadOnlyList<IPEndPoint> SmtpEndPoints => [.. smtp.Select(static l => l.IPEndPoint!)];

    public void Configure(KestrelServerOptions kestrel, CommuneOptions options, string? urls)
    {
        if (options.HasRole("api"))
        {
            foreach (var url in (urls ?? StandardUrl).Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                kestrel.Listen(EndPointOf(url), AddHttp);
        }
        if (options.HasRole("smtp"))
        {
            foreach (var endPoint in SettingText.EndPoints("Commune:Smtp:Listen", options.Smtp.Listen))
                kestrel.Listen(new SmtpEndPoint(endPoint.Address, endPoint.Port), listen =>
                {
                    smtp.Add(listen);
                    listen.UseConnectionHandler<SmtpConnectionHandler>();
                });
        }
        if (http.Count + smtp.Count == 0)
            kestrel.Listen(IPAddress.Loopback, 0, AddHttp);
    }

    private void AddHttp(ListenOptions listen)
    {
        http.Add(listen);
        RefusalBody.Use(listen);
    }

    /// <exception cref="SettingException">Not a URL that this server can listen on.</exception>
    private static IPEndPoint EndPointOf(string url)
    {
        BindingAddress binding;
        try
        {
            binding = BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            throw new SettingException($"--urls: \"{url}\" is not http://address:port.");
        }
        if (binding.Scheme != "http" || binding.IsUnixPipe)
            throw new SettingException($"--urls: \"{url}\" is not http://address:port; put a TLS proxy in front for https.");
        var address = binding.Host switch
        {
            "localhost" => IPAddress.Loopback,
            "*" or "+" or "0.0.0.0" => IPAddress.Any,
            var host when IPAddress.TryParse(host.Trim('[', ']'), out var parsed) => parsed,
            _ => throw new SettingException($"--urls: \"{binding.Host}\" is not an IP address, localhost or *."),
        };
        return new IPEndPoint(address, binding.Port);
    }

    private static IPEndPoint Reachable(IPEndPoint endPoint) =>
        endPoint.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, endPoint.Port)
        : endPoint.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.IPv6Loopback, endPoint.Port) : endPoint;
}
