using Commune.Server.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Commune.Server.Tests.Hosting;

/// <summary>What a caller wrote never forges a line of the log.</summary>
public sealed class ErrorLogTests
{
    [Theory]
    [InlineData("/v1/a\r\n2026-11-21T00:00:00.000Z info: Commune[0] all is well", "/v1/a%0D%0A2026-11-21T00:00:00.000Z%20info:%20Commune%5B0%5D%20all%20is%20well")]
    [InlineData("/v1/\u001b[2J\u0007", "/v1/%1B%5B2J%07")]
    [InlineData("/v1/\u2028\u202eevil", "/v1/%E2%80%A8%E2%80%AEevil")]
    public async Task A_failure_is_logged_with_its_path_escaped_and_its_request_id(string path, string logged)
    {
        var log = new Lines();
        var http = new DefaultHttpContext { TraceIdentifier = "0HN:1" };
        (http.Request.Method, http.Request.Path) = ("GET", new PathString(path));
        await new ErrorHandling(static _ => throw new InvalidOperationException("broken"), log).InvokeAsync(http);

        Assert.Equal(StatusCodes.Status500InternalServerError, http.Response.StatusCode);
        Assert.Equal($"GET {logged} failed, request id 0HN:1", Assert.Single(log.Written));
    }

    private sealed class Lines : ILogger<ErrorHandling>
    {
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Add(formatter(state, exception));
    }
}
