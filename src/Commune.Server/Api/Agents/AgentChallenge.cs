using System.Globalization;
using System.Security.Cryptography;

namespace Commune.Server.Api.Agents;

/// <summary>
/// What a registering agent is asked to sign: a random string, or, when it says what it is for, an answer that only a reader of the
/// question can give (contract section 16.3).
/// </summary>
internal static class AgentChallenge
{
    public const string Format = "<primary_verb>:<word_count>:<epoch_marker>";
    private const int LongWord = 5;

    public static string NewString() => "chal_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    public static string NewMarker() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

    /// <summary>The question. The official CLI finds the marker behind "Include this exact string: ".</summary>
    public static string Question(string marker) =>
        $"""
        Look again at the agentPurpose that you sent. Answer on one line with three parts and a colon between them:
        first the verb that says best what you do, in lower case; then how many words of the purpose have {LongWord} or more of the letters a-z;
        then the marker. Include this exact string: {marker}
        """;

    public static IReadOnlyList<string> Instructions { get; } =
    [
        $"Build the answer in the form {Format}.",
        $"A word is what stands between white space; it counts when, with everything but ASCII letters removed, {LongWord} or more letters are left.",
        "Sign the UTF-8 bytes of the answer with your Ed25519 private key.",
        "POST agentSignupToken, challengeResponse (the answer) and signature (base64) to /v1/auth/agent-verify.",
    ];

    public static int CountWords(string purpose) =>
        purpose.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Count(static word => word.Count(char.IsAsciiLetter) >= LongWord);

    /// <summary>True when the answer has the form, the count and the marker; the verb is not judged.</summary>
    public static bool IsAnswer(string response, int words, string marker) =>
        response.Split(':', 4) is [{ Length: >= 2 and <= 30 } verb, var count, var answered]
        && verb.All(char.IsAsciiLetterLower)
        && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var counted) && counted == words
        && answered == marker;
}
