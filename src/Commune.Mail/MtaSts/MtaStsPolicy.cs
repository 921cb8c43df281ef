using System.Globalization;

namespace Commune.Mail.MtaSts;

/// <summary>What a sender does when a host does not fit the policy (RFC 8461 §5).</summary>
public enum MtaStsMode
{
    /// <summary>As if there were no policy.</summary>
    None,

    /// <summary>Delivers all the same.</summary>
    Testing,

    /// <summary>Does not deliver.</summary>
    Enforce,
}

/// <summary>A policy file (RFC 8461 §3.2).</summary>
/// <param name="Hosts">The <c>mx</c> patterns, in lower case: a host name, or <c>*.</c> and the rest of one.</param>
public sealed record MtaStsPolicy(MtaStsMode Mode, IReadOnlyList<string> Hosts, TimeSpan MaxAge)
{
    /// <summary>A policy is a few lines; more than this is not one.</summary>
    public const int MaxBytes = 64 * 1024;

    private const int MaxHosts = 1000;

    /// <summary>RFC 8461 §3.2: at most about a year.</summary>
    private const long LongestAge = 31_557_600;

    /// <returns>Null when it is not a policy of version STSv1 with a mode, a max_age and, unless the mode is none, a host.</returns>
    public static MtaStsPolicy? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MaxBytes)
            return null;
        string? version = null, mode = null, maxAge = null;
        var hosts = new List<string>();
        foreach (var line in text.Split('\n'))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
                continue;
            var (name, value) = (line[..colon].Trim(), line[(colon + 1)..].Trim());
            // §3.2: of a field that may stand once, the first counts. Unknown ones are for later versions.
            switch (name)
            {
                case "version":
                    version ??= value;
                    break;
                case "mode":
                    mode ??= value;
                    break;
                case "max_age":
                    maxAge ??= value;
                    break;
                case "mx" when hosts.Count < MaxHosts:
                    hosts.Add(value.TrimEnd('.').ToLowerInvariant());
                    break;
            }
        }

        MtaStsMode? parsed = mode switch
        {
            "none" => MtaStsMode.None,
            "testing" => MtaStsMode.Testing,
            "enforce" => MtaStsMode.Enforce,
            _ => null,
        };
        if (version != "STSv1" || parsed is not { } known
            || !long.TryParse(maxAge, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || (known != MtaStsMode.None && hosts.Count == 0))
        {
            return null;
        }
        return new MtaStsPolicy(known, hosts, TimeSpan.FromSeconds(Math.Min(seconds, LongestAge)));
    }

    /// <summary>True when mail may go to this MX host (§4.1): the wildcard stands for exactly one label.</summary>
    public bool Allows(string host)
    {
        ArgumentNullException.ThrowIfNull(host);
        var name = host.TrimEnd('.').ToLowerInvariant();
        return Hosts.Any(pattern => pattern.StartsWith("*.", StringComparison.Ordinal)
            ? name.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot && name.AsSpan(dot).SequenceEqual(pattern.AsSpan(1))
            : name == pattern);
    }
}
