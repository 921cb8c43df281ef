using System.Net;
using System.Text;
using Commune.Mail.Mime;

namespace Commune.Server.Inbound;

/// <summary>What we put in front of a received message: Return-Path and Received (RFC 5321 §4.4).</summary>
internal static class TraceHeader
{
    /// <param name="reversePath">As given in MAIL FROM, without brackets; empty for a bounce.</param>
    /// <param name="recipient">Named only when it is the only one: a list would tell each recipient of the others.</param>
    public static byte[] Make(string hostName, string heloName, IPAddress client, string protocol, string? tls, string reversePath, string? recipient, DateTimeOffset at)
    {
        var text = new StringBuilder(300);
        text.Append("Return-Path: <").Append(Clean(reversePath)).Append(">\r\n");
        text.Append("Received: from ").Append(Clean(heloName)).Append(" ([").Append(Literal(client)).Append("])\r\n");
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
