using System.Net;
using Commune.Mail.Smtp.Client;
using Commune.Server.Hosting;

namespace Commune.Server.Outbound;

/// <summary>A smart host: mail for other servers goes through it.</summary>
public sealed record Relay(string Host, int Port, SmtpTlsMode Tls, NetworkCredential? Credentials)
{
    /// <summary>
    /// One or more, in the order in which they are tried: <c>smtp://user:pass@host:port</c> (STARTTLS; required and verified when there is a login
    /// and the host is not this machine), <c>smtps://</c> (TLS from the start). <c>?tls=</c> <c>none</c>, <c>opportunistic</c>, <c>require</c> or
    /// <c>verify</c> says otherwise for <c>smtp://</c>.
    /// </summary>
    /// <exception cref="SettingException">Not such URLs.</exception>
    public static IReadOnlyList<Relay> ParseList(string setting, string? text) =>
        [.. (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(one => Parse(setting, one))];

    private static Relay Parse(string setting, string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("smtp" or "smtps") || uri.Host.Length == 0)
            throw new SettingException($"Commune:Outbound:{setting} must be like smtp://user:password@relay.example.com:587; several are separated by commas.");
        var user = uri.UserInfo.Split(':', 2);
        var credentials = uri.UserInfo.Length == 0 ? null
            : new NetworkCredential(Uri.UnescapeDataString(user[0]), user.Length > 1 ? Uri.UnescapeDataString(user[1]) : "");
        var implicitTls = uri.Scheme == "smtps";
        var tls = implicitTls ? SmtpTlsMode.Implicit
            : uri.Query.Length > 0 ? TlsOf(setting, uri.Query)
            : credentials is not null && !uri.IsLoopback ? SmtpTlsMode.RequireVerified : SmtpTlsMode.Opportunistic;
        var port = uri.Port > 0 ? uri.Port : implicitTls ? 465 : credentials is null ? 25 : 587;
        return new Relay(uri.Host.Trim('[', ']'), port, tls, credentials);
    }

    private static SmtpTlsMode TlsOf(string setting, string query) => query switch
    {
        "?tls=none" => SmtpTlsMode.None,
        "?tls=opportunistic" => SmtpTlsMode.Opportunistic,
        "?tls=require" => SmtpTlsMode.RequireEncryption,
        "?tls=verify" => SmtpTlsMode.RequireVerified,
        _ => throw new SettingException($"Commune:Outbound:{setting}: after the relay only ?tls=none, opportunistic, require or verify may stand."),
    };
}

/// <summary>The relays of this server: those of the sending domain, or else those for all mail.</summary>
public sealed class Relays
{
    private readonly IReadOnlyList<Relay> forAll;
    private readonly Dictionary<string, IReadOnlyList<Relay>> bySendingDomain = new(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="SettingException">A setting is not a list of relays.</exception>
    public Relays(OutboundOptions options)
    {
        forAll = Relay.ParseList(nameof(OutboundOptions.Relay), options.Relay);
        foreach (var (domain, text) in options.Relays)
            bySendingDomain[domain] = Relay.ParseList($"{nameof(OutboundOptions.Relays)}:{domain}", text);
    }

    /// <summary>Empty when the mail goes to its MX: also for a domain whose own setting is empty.</summary>
    public IReadOnlyList<Relay> For(string senderAddress) =>
        bySendingDomain.GetValueOrDefault(senderAddress[(senderAddress.LastIndexOf('@') + 1)..]) ?? forAll;
}
