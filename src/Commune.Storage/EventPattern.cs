namespace Commune.Storage;

/// <summary>Which types of event are meant: one type, a family (<c>thread.*</c>) or all (<c>*</c>).</summary>
public readonly record struct EventPattern
{
    private const int LongestType = 64;

    private readonly string wanted;

    private EventPattern(string wanted) => this.wanted = wanted;

    /// <summary>The hosted service's names stand for ours: <c>email.received</c>, <c>email.sent</c>… and <c>inbound</c>. Null when the text is no pattern.</summary>
    public static EventPattern? TryRead(string text)
    {
        var type = Translate(text);
        return IsPattern(type) ? new EventPattern(type) : null;
    }

    public bool Takes(string type) => wanted == type || wanted == "*" || (wanted.EndsWith(".*", StringComparison.Ordinal)
        && type.AsSpan().StartsWith(wanted.AsSpan(0, wanted.Length - 1), StringComparison.Ordinal));

    private static string Translate(string asked) => asked switch
    {
        "inbound" => "message.received",
        // The hosted service tells of a mail as sent when it was accepted for sending.
        "email.sent" => "message.queued",
        _ when asked.StartsWith("email.", StringComparison.Ordinal) => string.Concat("message.", asked.AsSpan("email.".Length)),
        _ => asked,
    };

    private static bool IsPattern(string text) =>
        text == "*" || (text.Length <= LongestType && text.Split('.') is [{ Length: > 0 } family, { Length: > 0 } name] && IsWord(family) && (name == "*" || IsWord(name)));

    private static bool IsWord(string text) => text.All(static c => char.IsAsciiLetterLower(c) || c == '_');
}
