using System.Globalization;
using System.Net;

namespace Commune.Server.Hosting;

/// <summary>The node cannot start as it is set up; the message is one clear line for the operator.</summary>
public sealed class SettingException(string message) : Exception(message);

/// <summary>Reads the small notations that settings are written in.</summary>
public static class SettingText
{
    /// <summary>Letters, digits and hyphens in labels of 1 to 63; a single label will do (RFC 1123 §2.1).</summary>
    public static bool IsHostName(string text) => text.Length is > 0 and <= 253 && text.TrimEnd('.').Split('.').All(
        static label => label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-' && label.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-'));

    /// <exception cref="SettingException">Not a list of <c>ip:port</c>.</exception>
    public static IReadOnlyList<IPEndPoint> EndPoints(string setting, string text)
    {
        var result = new List<IPEndPoint>();
        foreach (var item in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var withAddress = item.StartsWith("localhost:", StringComparison.OrdinalIgnoreCase) ? "127.0.0.1" + item[9..]
                : item.StartsWith("*:", StringComparison.Ordinal) ? "[::]" + item[1..] : item;
            if (!IPEndPoint.TryParse(withAddress, out var endPoint))
                throw new SettingException($"{setting}: \"{item}\" is not ip:port, such as 127.0.0.1:2525.");
            result.Add(endPoint);
        }
        return result;
    }

    /// <exception cref="SettingException">Not a list of networks.</exception>
    public static IReadOnlyList<IPNetwork> Networks(string setting, string? text)
    {
        var result = new List<IPNetwork>();
        foreach (var item in (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (IPNetwork.TryParse(item, out var network))
                result.Add(network);
            else if (IPAddress.TryParse(item, out var address))
                result.Add(new IPNetwork(address, address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128));
            else
                throw new SettingException($"{setting}: \"{item}\" is not a network such as 10.0.0.0/8.");
        }
        return result;
    }

    /// <summary>Positive numbers, separated by commas.</summary>
    /// <exception cref="SettingException">Not such a list, or an empty one.</exception>
    public static IReadOnlyList<int> Numbers(string setting, string text)
    {
        var result = new List<int>();
        foreach (var item in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            result.Add(int.TryParse(item, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
                ? number : throw new SettingException($"{setting}: \"{item}\" is not a positive number."));
        }
        return result.Count > 0 ? result : throw new SettingException($"{setting} is empty; give at least one number.");
    }

    /// <summary><c>30s</c>, <c>5m</c>, <c>2h</c>, <c>1d</c>, separated by commas.</summary>
    /// <exception cref="SettingException">Not such a list, or an empty one.</exception>
    public static IReadOnlyList<TimeSpan> Durations(string setting, string text)
    {
        var result = new List<TimeSpan>();
        foreach (var item in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (item.Length < 2 || !double.TryParse(item[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                throw new SettingException($"{setting}: \"{item}\" is not a duration such as 30s, 5m, 2h or 1d.");
            result.Add(item[^1] switch
            {
                's' => TimeSpan.FromSeconds(number),
                'm' => TimeSpan.FromMinutes(number),
                'h' => TimeSpan.FromHours(number),
                'd' => TimeSpan.FromDays(number),
                _ => throw new SettingException($"{setting}: \"{item}\" is not a duration such as 30s, 5m, 2h or 1d."),
            });
        }
        return result.Count > 0 ? result : throw new SettingException($"{setting} is empty; give at least one duration such as 5m.");
    }
}
