using System.Net;
using Commune.Mail.Smtp.Client;
using Commune.Server.Hosting;

namespace Commune.Server.Outbound;

/// <summary>A smart host: all mail for other servers goes through it.</summary>
public sealed record Relay(string Host, int Port, SmtpTlsMode Tls, NetworkCredential? Credentials)
{
    /// <summary>
    /// <c>smtp://user:pass@host:port</c> (STARTTLS; required and verified when there is a login and the host is not this machine),
    /// <c>smtps://</c> (TLS from the start).
    /// </summary>
    /// <exception cref="SettingException">Not such a URL.</exception>
    public static Relay? Parse(string? setting)
    {
        if (string.IsNullOrWhiteSpace(setting))
            return null;
        if (!Uri.TryCreate(setting, UriKind.Absolute, out var uri) || uri.Scheme is not ("smtp" or "smtps") || uri.Host.Length == 0)
            throw new SettingException("Commune:Outbound:Relay must be like smtp://user:password@relay.example.com:587.");
        var user = uri.UserInfo.Split(':', 2);
        var credentials = uri.UserInfo.Length == 0 ? null
            : new NetworkCredential(Uri.UnescapeDataString(user[0]), user.Length > 1 ? Uri.UnescapeDataString(user[1]) : "");
        var implicitTls = uri.Scheme == "smtps";
        var tls = implicitTls ? SmtpTlsMode.Implicit
            : credentials is not null && !uri.IsLoopback ? SmtpTlsMode.RequireVerified : SmtpTlsMode.Opportunistic;
        var port = uri.Port > 0 ? uri.Port : implicitTls ? 465 : credentials is null ? 25 : 587;
        return new Relay(uri.Host.Trim('[', ']'), port, tls, credentials);
    }
}
