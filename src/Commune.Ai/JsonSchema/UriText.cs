namespace Commune.Ai.JsonSchema;

/// <summary>URI references in schemas.</summary>
internal static class UriText
{
    /// <summary>The reference made absolute; null when it is none.</summary>
    public static string? Resolve(string baseUri, string reference)
    {
        var mark = reference.IndexOf('#', StringComparison.Ordinal);
        var path = mark < 0 ? reference : reference[..mark];
        var fragment = mark < 0 ? "" : reference[mark..];
        // Only a fragment: also a URN, to which nothing else can be relative, has those.
        if (path.Length == 0)
            return baseUri + fragment;
        if (!Uri.TryCreate(baseUri, UriKind.Absolute, out var from) || !Uri.TryCreate(from, path, out var resolved))
            return null;
        return (resolved.OriginalString == path ? path : resolved.AbsoluteUri) + fragment;
    }

    public static bool IsAnchor(string name) => name.Length > 0 && (char.IsAsciiLetter(name[0]) || name[0] == '_')
        && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_');
}
