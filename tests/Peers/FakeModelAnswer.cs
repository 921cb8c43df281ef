namespace Commune.Peers;

/// <summary>A question as it came.</summary>
/// <param name="Headers">Names in lower case.</param>
/// <param name="Body">JSON text.</param>
public sealed record FakeModelRequest(string Path, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public bool IsEmbedding => Path.Contains("/embed", StringComparison.Ordinal);

    public bool IsOllama => Path.StartsWith("/api/", StringComparison.Ordinal);
}

/// <summary>What a <see cref="FakeModel"/> makes of a question.</summary>
public abstract record FakeModelAnswer
{
    /// <summary>As a model should; a chat answers with <see cref="FakeModel.Chat"/>.</summary>
    public sealed record Good : FakeModelAnswer;

    /// <summary>A chat answer of these words, complete.</summary>
    public sealed record Says(string Content) : FakeModelAnswer;

    /// <summary>A chat answer that ends at the limit of tokens.</summary>
    public sealed record CutOff(string Content) : FakeModelAnswer;

    /// <summary>The model declines; Ollama has no word for it and says so in its text.</summary>
    public sealed record Refusal : FakeModelAnswer;

    /// <summary>The provider's filter declines.</summary>
    public sealed record Filtered : FakeModelAnswer;

    /// <summary>Status and body as given; further header lines end with CRLF each.</summary>
    public sealed record Raw(int Status, string Body, string Headers = "") : FakeModelAnswer;

    /// <summary>Takes the question and says nothing until the caller goes away.</summary>
    public sealed record Hang : FakeModelAnswer;

    /// <summary>A status line and an octet of the body, and no more until the caller goes away.</summary>
    public sealed record Drip : FakeModelAnswer;

    /// <summary>An answer without end.</summary>
    public sealed record Huge : FakeModelAnswer;

    /// <summary>Resets the connection.</summary>
    public sealed record Reset : FakeModelAnswer;

    /// <summary>Vectors with one number more than usual.</summary>
    public sealed record WrongDimension : FakeModelAnswer;

    /// <summary>Vectors with NaN in them, as some servers write it.</summary>
    public sealed record NotANumber : FakeModelAnswer;

    /// <summary>Vectors with a number that no float can hold.</summary>
    public sealed record TooLargeANumber : FakeModelAnswer;

    /// <summary>A vector too few.</summary>
    public sealed record WrongCount : FakeModelAnswer;

    /// <summary>The vectors in reverse, with their numbers.</summary>
    public sealed record Shuffled : FakeModelAnswer;

    /// <summary>429 with Retry-After.</summary>
    public static FakeModelAnswer TooManyRequests(int seconds) =>
        new Raw(429, """{"error":{"message":"Slow down","type":"requests","code":"rate_limit_exceeded"}}""", $"Retry-After: {seconds}\r\n");

    /// <summary>A status with an error in the usual form.</summary>
    public static FakeModelAnswer Error(int status, string code, string message = "It went wrong") =>
        new Raw(status, $$$"""{"error":{"message":"{{{message}}}","code":"{{{code}}}"}}""");
}
