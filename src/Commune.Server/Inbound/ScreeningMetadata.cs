using System.Globalization;
using System.Text.Json;
using Commune.Server.Hosting;

namespace Commune.Server.Inbound;

/// <param name="Kind">As docs/screening.md lists them.</param>
/// <param name="Weight">0 to 1.</param>
internal sealed record ScreeningSignal(string Kind, double Weight, string Place, string Quote);

/// <summary>The verdict of screening as it stands in a message's metadata, beside <c>authentication</c>.</summary>
internal sealed record ScreeningMetadata(
    double SpamScore, string SpamAction, bool SpamFlagged, IReadOnlyList<string> SpamReasons, double InjectionScore, string InjectionRisk, bool InjectionDetected,
    IReadOnlyList<ScreeningSignal> Signals)
{
    private const int LongestText = 2000;

    /// <summary>The one string of contract section 10: "role_override 0.85 in text: \"Ignore all…\"; …". "" without signals.</summary>
    public string SignalText
    {
        get
        {
            var text = string.Join("; ", Signals.Select(static signal =>
                string.Create(CultureInfo.InvariantCulture, $"{signal.Kind} {signal.Weight} in {signal.Place}: \"{signal.Quote}\"")));
            return text.Length <= LongestText ? text : text[..(LongestText - (char.IsHighSurrogate(text[LongestText - 1]) ? 1 : 0))];
        }
    }

    /// <summary>Adds the verdict to a message's metadata.</summary>
    /// <param name="metadata">JSON object text, or null.</param>
    public static string? Write(string? metadata, MailScreening? screening)
    {
        if (screening is null)
            return metadata;
        var verdict = JsonSerializer.Serialize(
            new Stored(new StoredVerdict(
                screening.Spam.Score, screening.Spam.Action, screening.Spam.Flagged, screening.Spam.Reasons, screening.Injection.Score, screening.Injection.Risk,
                screening.Injection.Detected, [.. screening.Injection.Signals.Select(static s => new ScreeningSignal(s.Kind, s.Weight, s.Place, s.Quote))])),
            ApiJson.Options);
        return metadata is null ? verdict : string.Concat(metadata.AsSpan(0, metadata.Length - 1), ",", verdict.AsSpan(1));
    }

    /// <summary>The same metadata, of a message that is held back.</summary>
    public static string Hold(string? metadata) => metadata is null ? """{"quarantined":true}""" : metadata[..^1] + ""","quarantined":true}""";

    /// <summary>Null for a message that was not screened.</summary>
    public static ScreeningMetadata? Read(string? metadata)
    {
        if (metadata is null || !metadata.Contains("\"screening\"", StringComparison.Ordinal))
            return null;
        return JsonSerializer.Deserialize<Stored>(metadata, ApiJson.Options)?.Screening is { } found
            ? new ScreeningMetadata(
                found.SpamScore, found.SpamAction, found.SpamFlagged, found.SpamReasons, found.InjectionScore, found.InjectionRisk, found.InjectionDetected, found.Signals)
            : null;
    }

    private sealed record Stored(StoredVerdict? Screening);

    private sealed record StoredVerdict(
        double SpamScore, string SpamAction, bool SpamFlagged, IReadOnlyList<string> SpamReasons, double InjectionScore, string InjectionRisk, bool InjectionDetected,
        IReadOnlyList<ScreeningSignal> Signals);
}
