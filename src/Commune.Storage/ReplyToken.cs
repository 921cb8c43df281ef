namespace Commune.Storage;

/// <summary>
/// The secret of a plus-address by which an answer finds its thread (contract section 9, rule 1). It begins with the part of the thread's id
/// that says when it was made, so that a thread is found among the few of that moment and no index of tokens is needed; behind it stand 70
/// random bits, which make it unguessable.
/// </summary>
public static class ReplyToken
{
    private const int Place = 12;
    private const int Secret = 14;
    private const string ThreadPrefix = "conv_";

    /// <summary>26 lower-case characters that are safe in a local part.</summary>
    public static string New(string threadId) =>
        threadId.AsSpan(ThreadPrefix.Length, Place).ToString() + EntityId.New("")[..Secret];

    /// <summary>The ids between which the thread of a token lies; false when it cannot be a token of ours.</summary>
    /// <param name="from">Inclusive.</param>
    /// <param name="to">Exclusive.</param>
    public static bool TryRange(string token, out string from, out string to)
    {
        from = to = "";
        if (token.Length != Place + Secret || !token.All(char.IsAsciiLetterOrDigit))
            return false;
        from = ThreadPrefix + token[..Place];
        to = from + "~";
        return true;
    }
}
