using Commune.Storage;
using Microsoft.Extensions.Options;

namespace Commune.Server.Hosting;

/// <summary>Liveness and readiness; no key needed.</summary>
internal static partial class Health
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health", static () => ApiJson.Ok(new HealthResponse("ok")));
        routes.MapGet("/health/ready", ReadyAsync);
        routes.MapGet("/status", StatusAsync);
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

    /// <summary>What somebody who knows only the host name may learn: that it works, its version and clock, and whether it takes registrations.</summary>
    private static async Task<IResult> StatusAsync(
        IStore store, IOptions<CommuneOptions> options, TimeProvider time, ILoggerFactory logs, HttpContext http)
    {
        string status;
        try
        {
            await store.CheckAsync(http.RequestAborted);
            status = "ok";
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogNotReady(logs.CreateLogger(typeof(Health)), error);
            status = "unavailable";
        }
        return Results.Json(
            new StatusResponse(status, Version, ApiJson.Time(time.GetUtcNow().ToUnixTimeMilliseconds()), options.Value.SharedDomain, options.Value.Registration),
            ApiJson.Options, statusCode: status == "ok" ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private static string Version { get; } = typeof(Health).Assembly.GetName().Version?.ToString(3) ?? "";

    private sealed record HealthResponse(string Status);

    private sealed record StatusResponse(string Status, string Version, string Time, string SharedDomain, string Registration);

    [LoggerMessage(Level = LogLevel.Error, Message = "The store cannot be reached")]
    private static partial void LogNotReady(ILogger log, Exception error);
}
