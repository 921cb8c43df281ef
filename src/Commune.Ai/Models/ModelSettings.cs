namespace Commune.Ai.Models;

/// <summary>Where a model is and how it is asked.</summary>
public sealed record ModelSettings
{
    public required ModelProvider Provider { get; init; }

    /// <summary>Up to where the provider's own paths begin: <c>https://api.openai.com/v1</c>, <c>https://name.openai.azure.com</c>, <c>http://localhost:11434</c>.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>The model's name; Azure: the deployment's.</summary>
    public required string Model { get; init; }

    /// <summary>Null where none is needed. It goes into one header and nowhere else.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Azure only.</summary>
    public string ApiVersion { get; init; } = "2024-10-21";

    /// <summary>Numbers a vector must have; null takes what the first answer has.</summary>
    public int? Dimensions { get; init; }

    /// <summary>Texts of one request for vectors.</summary>
    public int BatchTexts { get; init; } = 64;

    /// <summary>UTF-16 code units of one request for vectors; a longer text has a request of its own.</summary>
    public int BatchCharacters { get; init; } = 100_000;

    /// <summary>How often one request is made at most.</summary>
    public int Attempts { get; init; } = 4;

    /// <summary>For one attempt, from the first octet sent to the last received.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Before the second attempt; it doubles from there.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Between attempts; a longer Retry-After ends the call, and is for whoever makes the next.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    public int MaxAnswerBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Without the key.</summary>
    public override string ToString() => $"{Provider} {Model} at {Endpoint.GetLeftPart(UriPartial.Path)}";
}
