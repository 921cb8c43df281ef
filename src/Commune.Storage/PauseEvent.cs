using System.Text.Json;

namespace Commune.Storage;

/// <summary>The <c>data</c> of an <c>organisation.sending_paused</c> event.</summary>
internal static class PauseEvent
{
    public static string Data(SendingPause pause) => JsonSerializer.Serialize(new Dictionary<string, long>(StringComparer.Ordinal)
    {
        ["until_ms"] = pause.Until,
        ["outcomes"] = pause.Outcomes,
        ["hard_bounces"] = pause.HardBounces,
        ["complaints"] = pause.Complaints,
    });
}
