using System.Text.Json.Nodes;
using Commune.Ai.Extraction;

namespace Commune.Ai.Tests.Extraction;

/// <summary>Counts the values that were read rightly, wrongly, or not at all.</summary>
internal sealed class SampleScore
{
    public int Right { get; private set; }

    public int Wrong { get; private set; }

    public int Missed { get; private set; }

    public List<string> Differences { get; } = [];

    public double Precision => (double)Right / Math.Max(1, Right + Wrong);

    public double Recall => (double)Right / Math.Max(1, Right + Missed);

    public void Add(MailSample sample, ExtractionResult result)
    {
        var expected = Leaves(sample.Expected);
        var actual = Leaves(result.Data);
        foreach (var (path, value) in actual)
        {
            if (expected.TryGetValue(path, out var right) && right == value)
            {
                Right++;
                continue;
            }
            Wrong++;
            Differences.Add($"{sample.Name}: {path} is {value}, not {right ?? "absent"}");
        }
        foreach (var (path, value) in expected.Where(leaf => !actual.TryGetValue(leaf.Key, out var found) || found != leaf.Value))
        {
            Missed++;
            if (!actual.ContainsKey(path) && !sample.KnownMisses.Contains(path))
                Differences.Add($"{sample.Name}: {path} is absent, not {value}");
        }
        if (result.Status != sample.Status)
            Differences.Add($"{sample.Name}: the status is {result.Status}: {string.Join(" ", result.Errors)}");
    }

    public override string ToString() => $"precision {Precision:P1}, recall {Recall:P1} ({Right} right, {Wrong} wrong, {Missed} missed)";

    private static Dictionary<string, string> Leaves(JsonNode? node)
    {
        var leaves = new Dictionary<string, string>(StringComparer.Ordinal);
        Collect(node, "", leaves);
        return leaves;
    }

    private static void Collect(JsonNode? node, string path, Dictionary<string, string> leaves)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (var (name, value) in members)
                    Collect(value, FieldPath.Of(path, name), leaves);
                break;
            case JsonArray elements:
                for (var i = 0; i < elements.Count; i++)
                    Collect(elements[i], FieldPath.Of(path, i), leaves);
                break;
            case not null:
                leaves[path] = node.ToJsonString();
                break;
        }
    }
}
