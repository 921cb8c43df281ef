using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Commune.Mail.Spf;

/// <summary>What the macros stand for (RFC 7208 §7.2).</summary>
internal sealed record SpfMacroValues
{
    public required IPAddress Client { get; init; }

    public required string LocalPart { get; init; }

    public required string SenderDomain { get; init; }

    /// <summary>The domain whose record is being evaluated: it changes with include and redirect.</summary>
    public required string Domain { get; init; }

    public required string Helo { get; init; }

    public required string Receiver { get; init; }

    public required DateTimeOffset Now { get; init; }

    public string ValidatedName { get; init; } = "unknown";

    public string Of(char letter) => letter switch
    {
        's' => $"{LocalPart}@{SenderDomain}",
        'l' => LocalPart,
        'o' => SenderDomain,
        'd' => Domain,
        'i' => Dotted(Client),
        'p' => ValidatedName,
        'v' => Client.AddressFamily == AddressFamily.InterNetwork ? "in-addr" : "ip6",
        'h' => Helo,
        'c' => Client.ToString(),
        'r' => Receiver,
        't' => Now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        _ => "",
    };

    /// <summary>An IPv6 address is written nibble by nibble, so that it can be reversed.</summary>
    private static string Dotted(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork)
            return address.ToString();
        var text = new StringBuilder(63);
        foreach (var nibble in Convert.ToHexString(address.GetAddressBytes()))
            text.Append(text.Length == 0 ? "" : ".").Append(nibble);
        return text.ToString();
    }
}
