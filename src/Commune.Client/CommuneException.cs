namespace Commune.Client;

/// <summary>The server refused a call; the message is its sentence.</summary>
public sealed class CommuneException(int status, string? code, string message) : Exception(message)
{
    /// <summary>The HTTP status.</summary>
    public int Status => status;

    /// <summary>The error's name, such as <c>validation_error</c>; null when the server gave none.</summary>
    public string? Code => code;

    /// <summary>The fields at fault, with what was expected.</summary>
    public IReadOnlyList<FieldProblem> Details { get; init; } = [];

    /// <summary>The scopes that the key lacks.</summary>
    public IReadOnlyList<string> Required { get; init; } = [];

    /// <summary>How long the server asks to wait; null when it does not.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

public sealed record FieldProblem(string Path, string Message);
