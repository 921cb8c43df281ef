using System.Text;
using System.Text.RegularExpressions;

namespace Commune.Server.Tests.Interop;

/// <summary>The skill document beside the project: what it tells agents to type.</summary>
internal sealed partial class SkillDocument
{
    public const string Host = "https://api.commune.email";

    private readonly string text;

    private SkillDocument(string text) => this.text = text;

    /// <summary>Skips the calling test where the document is not.</summary>
    public static SkillDocument Read() => new(File.ReadAllText(Machine.Shared("skill.md")));

    /// <summary>Every curl command, in order.</summary>
    public IReadOnlyList<SkillCall> Calls()
    {
        var calls = new List<SkillCall>();
        var command = new StringBuilder();
        foreach (var line in text.Split('\n'))
        {
            if (command.Length == 0 && !line.StartsWith("curl ", StringComparison.Ordinal))
                continue;
            command.Append(line).Append('\n');
            // It goes on behind a backslash, and inside quotes.
            if (line.EndsWith('\\') || command.ToString().Count(static c => c == '\'') % 2 == 1)
                continue;
            calls.Add(SkillCall.Of(command.ToString()));
            command.Clear();
        }
        return calls;
    }

    /// <summary>The two snippets in Python: making keys, and signing the challenge.</summary>
    public IReadOnlyList<string> PythonSnippets()
    {
        var first = text.IndexOf("from cryptography.hazmat", StringComparison.Ordinal);
        var second = text.IndexOf("import base64, requests", StringComparison.Ordinal);
        return [text[first..text.IndexOf("\nStep 1", first, StringComparison.Ordinal)], text[second..text.IndexOf("\nAfter verification", second, StringComparison.Ordinal)]];
    }

    /// <summary>The rows of "Complete API Reference".</summary>
    public IReadOnlyList<(string Method, string Path, string Scope)> Reference() =>
        [.. Row().Matches(text[text.IndexOf("Complete API Reference", StringComparison.Ordinal)..]).Select(static row => (row.Groups["method"].Value, row.Groups["path"].Value, row.Groups["scope"].Value))];

    [GeneratedRegex(@"^(?<method>GET|POST|PUT|PATCH|DELETE) (?<path>/v1/\S+) (?<scope>\S+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Row();
}

/// <summary>One curl command.</summary>
/// <param name="Command">Without the jq behind it.</param>
internal sealed partial record SkillCall(string Command, string Method, string Path)
{
    public static SkillCall Of(string command)
    {
        var bare = Jq().Replace(command, "").TrimEnd();
        return new SkillCall(bare, Verb().Match(bare) is { Success: true } verb ? verb.Groups[1].Value : "GET", Url().Match(bare).Groups[1].Value);
    }

    [GeneratedRegex(@"\|\s*jq\b.*$", RegexOptions.Singleline)]
    private static partial Regex Jq();

    [GeneratedRegex("-X ([A-Z]+)")]
    private static partial Regex Verb();

    [GeneratedRegex(@"https://api\.commune\.email(/[^\s""?\\]+)")]
    private static partial Regex Url();
}
