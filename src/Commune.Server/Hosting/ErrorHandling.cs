using System.Text.Json;

namespace Commune.Server.Hosting;

/// <summary>
/// Writes every failure in the form of contract section 6: the caller's mistakes as they were thrown, ours as a 500 that names the
/// request id and nothing else, and bare 404/405 answers of the router with a body.
/// </summary>
internal sealed partial class ErrorHandling(RequestDelegate next, ILogger<ErrorHandling> log)
{
    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            await next(http);
            if (!http.Response.HasStarted && http.Response.StatusCode >= 400 && http.Response.ContentLength is null && http.Response.ContentType is null)
                await WriteAsync(http, http.Response.StatusCode, BodyFor(http));
        }
        catch (ApiException error) when (!http.Response.HasStarted)
        {
            if (error.Body.RetryAfter is { } seconds)
                http.Response.Headers.RetryAfter = seconds.ToString();
            await WriteAsync(http, error.Status, error.Body);
        }
        catch (BadHttpRequestException error) when (!http.Response.HasStarted)
        {
            var text = error.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? "The request body is larger than this server accepts" : "The request is not valid HTTP";
            await WriteAsync(http, error.StatusCode, new ErrorBody(text));
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller hung up: nobody is left to answer.
        }
        catch (Exception error) when (!http.Response.HasStarted)
        {
            LogFailure(log, error, http.Request.Method, http.Request.Path.ToUriComponent(), http.TraceIdentifier);
            await WriteAsync(http, StatusCodes.Status500InternalServerError,
                new ErrorBody($"Something went wrong on this server; request id {http.TraceIdentifier}", "internal_error"));
        }
    }

    private static ErrorBody BodyFor(HttpContext http) => http.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => new ErrorBody($"There is nothing at {http.Request.Method} {http.Request.Path}", "not_found"),
        StatusCodes.Status405MethodNotAllowed => new ErrorBody($"{http.Request.Path} does not take {http.Request.Method}", "method_not_allowed"),
        var status => new ErrorBody($"The request was refused with status {status}"),
    };

    private static Task WriteAsync(HttpContext http, int status, ErrorBody body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json; charset=utf-8";
        return http.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(body, ApiJson.Options), http.RequestAborted).AsTask();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed, request id {RequestId}")]
    private static partial void LogFailure(ILogger log, Exception error, string method, string path, string requestId);
}
