using Commune.Storage;

namespace Commune.Server.Hosting;

/// <summary>Liveness and readiness; no key needed.</summary>
internal static partial class Health
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health", static () => ApiJson.Ok(new HealthResponse("ok")));
        routes.MapGet("/health/ready", ReadyAsync);
    }

    private static async Task<IResult> ReadyAsync(IStore store, ILoggerFactory logs, HttpContext http)
    {
        try
        {
            await store.CheckAsync(http.RequestAborted);
            return ApiJson.Ok(new HealthResponse("ready"));
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogNotReady(logs.CreateLogger(typeof(Health)), error);
            return Results.Json(new ErrorBody("The store cannot be reached", "not_ready"), ApiJson.Options, statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }

    private sealed record HealthResponse(string Status);

    [LoggerMessage(Level = LogLevel.Error, Message = "The store cannot be reached")]
    private static partial void LogNotReady(ILogger log, Exception error);
}
