using Commune.Server.Hosting;

namespace Commune.Server.Webhooks;

/// <summary>
/// Refuses calls of webhooks to the API: with a key in its headers an endpoint could name this server, and each call would cause the next without end.
/// </summary>
internal sealed class WebhookLoop(RequestDelegate next)
{
    /// <summary>On every call of a webhook; an endpoint's own headers cannot replace it.</summary>
    public const string Mark = "x-commune-delivery-id";

    public Task InvokeAsync(HttpContext http)
    {
        // The router takes paths in any case.
        if (http.Request.Headers.ContainsKey(Mark) && http.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase))
            throw new ApiException(
                StatusCodes.Status508LoopDetected, new ErrorBody("This is a webhook call; a webhook cannot call this server", "webhook_loop"));
        return next(http);
    }
}
