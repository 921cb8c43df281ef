using System.Text.Json.Serialization;

namespace Commune.Server.Hosting;

/// <summary>The error body of contract section 6: <c>error</c> is always a sentence.</summary>
public sealed record ErrorBody(
    string Error,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Code = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<FieldError>? Details = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Required = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), JsonPropertyName("retryAfter")] int? RetryAfter = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), JsonPropertyName("serverTime")] long? ServerTime = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Limit = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? PausedUntil = null)
{
    public string Message => Error;
}

public sealed record FieldError(string Path, string Message);

/// <summary>Ends a request with an error that is the caller's to mend. Thrown by parsing and look-ups, written by <see cref="ErrorHandling"/>.</summary>
public sealed class ApiException(int status, ErrorBody body) : Exception(body.Error)
{
    public int Status { get; } = status;
    public ErrorBody Body { get; } = body;

    public static ApiException Invalid(string field, string what) =>
        new(StatusCodes.Status400BadRequest, new ErrorBody(what, "validation_error", [new FieldError(field, what)]));

    public static ApiException BadRequest(string what, string? code = null) =>
        new(StatusCodes.Status400BadRequest, new ErrorBody(what, code));

    public static ApiException NotFound(string noun) =>
        new(StatusCodes.Status404NotFound, new ErrorBody($"{noun} not found", "not_found"));

    public static ApiException Forbidden(string what, string code) =>
        new(StatusCodes.Status403Forbidden, new ErrorBody(what, code));

    /// <summary>429: too many of something, and when the next is welcome.</summary>
    public static ApiException TooMany(string what, TimeSpan wait) =>
        new(StatusCodes.Status429TooManyRequests, new ErrorBody(what, "rate_limit_exceeded", RetryAfter: Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds))));

    public static ApiException Conflict(string what, string code) =>
        new(StatusCodes.Status409Conflict, new ErrorBody(what, code));
}
