using System.Text.Encodings.Web;
using System.Text.Json;

namespace Commune.Storage;

/// <summary>The data of the events that tell of webhook health, as JSON text.</summary>
internal static class WebhookEvents
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Dead(WebhookDelivery delivery, string endpoint, string reason) =>
        JsonSerializer.Serialize(new { delivery_id = delivery.Id, endpoint, reason }, Json);

    public static string Paused(string endpoint, int failures, long until) => JsonSerializer.Serialize(new { endpoint, failures, until }, Json);

    public static string Resumed(string endpoint) => JsonSerializer.Serialize(new { endpoint }, Json);

    public static string Disabled(string endpoint, string reason) => JsonSerializer.Serialize(new { endpoint, reason }, Json);
}
