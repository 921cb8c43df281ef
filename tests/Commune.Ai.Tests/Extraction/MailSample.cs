using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Commune.Ai.Extraction;
using Commune.Mail.Text;

namespace Commune.Ai.Tests.Extraction;

/// <summary>
/// A mail of the files in Mails/ and what is to be read from it. A mail begins with "=== name" and the lines schema, from, subject;
/// below "--- expect" stands the JSON, in which nothing is missing: what it does not name must be absent. "--- status" is there when it is not
/// ok; "--- misses" names the paths that are known not to be found yet: they count, but fail no test.
/// </summary>
internal sealed record MailSample(string Name, ExtractionRequest Request, JsonObject Expected, ExtractionStatus Status, IReadOnlySet<string> KnownMisses)
{
    /// <summary>The Friday of all mails, in Berlin.</summary>
    public static readonly DateTimeOffset Date = new(2026, 11, 20, 10, 0, 0, TimeSpan.FromHours(1));

    public static JsonObject Schemas { get; } = JsonNode.Parse(File.ReadAllText(PathOf("schemas.json")))!.AsObject();

    public static IReadOnlyList<MailSample> Read(string file) =>
        [.. ("\n" + File.ReadAllText(PathOf(file)).ReplaceLineEndings("\n")).Split("\n=== ", StringSplitOptions.RemoveEmptyEntries).Select(Parse)];

    public static ExtractionSchema Schema(string name) => new(name, null, JsonSerializer.SerializeToElement(Schemas[name]), 1);

    public static MailText Mail(string from, string subject, string text)
    {
        var open = from.IndexOf('<', StringComparison.Ordinal);
        var parts = ReplyText.Of(text);
        return new MailText(subject, open > 0 ? from[..open].Trim(' ', '"') : null, open >= 0 ? from[(open + 1)..].TrimEnd('>') : from, Date, parts.Reply, text)
        {
            Signature = parts.Signature,
            IsForward = parts.IsForward,
        };
    }

    private static MailSample Parse(string block)
    {
        var halves = block.Split("\n--- expect\n");
        var head = halves[0].Split('\n', 5);
        var (schema, from, subject) = (After(head[1]), After(head[2]), After(head[3]));
        var sections = halves[1].Split("\n--- ");
        var status = Section(sections, "status") is { } named ? Enum.Parse<ExtractionStatus>(named, ignoreCase: true) : ExtractionStatus.Ok;
        var misses = (Section(sections, "misses") ?? "").Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
        return new MailSample(head[0].Trim(), new ExtractionRequest("o_1", Schema(schema), Mail(from, subject, head[4].Trim('\n'))), JsonNode.Parse(sections[0])!.AsObject(), status, misses);
    }

    private static string? Section(string[] sections, string name) =>
        Array.Find(sections, section => section.StartsWith(name + "\n", StringComparison.Ordinal))?[(name.Length + 1)..].Trim();

    private static string After(string line) => line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();

    private static string PathOf(string file, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Mails", file);
}
