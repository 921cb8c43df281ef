using System.Net;
using System.Text;
using Commune.Mail.Mime;

namespace Commune.Server.Inbound;

/// <summary>What we put in front of a received message: Return-Path and Received (RFC 5321 §4.4).</summary>
internal static class TraceHeader
{
    /// <param name="recipient">Named only when it is the only one: a list would tell each recipient of the others.</param>
    /// <param name="authenticationResults">A complete field, or nothing for mail that did not come over the network.</param>
    public static byte[] Make(
        string hostName, SendingClient client, string protocol, string? tls, string? recipient, ReadOnlySpan<byte> authenticationResults, DateTimeOffset at)
    {
        var text = new StringBuilder(600);
        text.Append("Return-Path: <").Append(Clean(client.ReversePath)).Append(">\r\n");
        text.Append(Encoding.UTF8.GetString(authenticationResults));
        text.Append("Received: from ").Append(Clean(client.HeloName)).Append(" ([").Append(Literal(client.Address)).Append("])\r\n");
        text.Append("\tby ").Append(hostName).Append(" with ").Append(protocol);
        if (tls is not null)
            text.Append(" (").Append(tls).Append(')');
        if (recipient is not null)
            text.Append("\r\n\tfor <").Append(Clean(recipient)).Append('>');
        text.Append(";\r\n\t").Append(MailDate.Format(at)).Append("\r\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>RFC 5321 §4.1.3: IPv6 addresses carry a tag.</summary>
    private static string Literal(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? "IPv6:" + address : address.ToString();
    }

    /// <summary>A client's words must not end our header line. Long ones are cut: a line holds 998 octets (RFC 5322 §2.1.1).</summary>
    private static string Clean(string text)
    {
        var most = Math.Min(text.Length, 300);
        return string.Create(most, text, static (chars, text) =>
        {
            for (var i = 0; i < chars.Length; i++)
                chars[i] = char.IsControl(text[i]) || text[i] is '<' or '>' ? '?' : text[i];
        });
    }
}
