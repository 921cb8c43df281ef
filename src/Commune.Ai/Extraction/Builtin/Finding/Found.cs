using System.Text.Json.Nodes;

namespace Commune.Ai.Extraction.Builtin.Finding;

/// <summary>A value and where it stands.</summary>
internal sealed record Found(JsonNode Value, int Start, int End, double Confidence)
{
    public EvidenceSource Source { get; init; } = EvidenceSource.Text;

    /// <summary>What the evidence quotes where it is not the text between <see cref="Start"/> and <see cref="End"/>.</summary>
    public string? Quote { get; init; }

    /// <summary>The currency of an amount.</summary>
    public string? Currency { get; init; }

    /// <summary>The most likely of several; null when two that differ are equally likely.</summary>
    public static Found? Best(IEnumerable<Found> candidates)
    {
        Found? best = null;
        var tied = false;
        foreach (var candidate in candidates.OrderByDescending(found => found.Confidence).ThenBy(found => found.Start))
        {
            if (best is null)
            {
                best = candidate;
                continue;
            }
            if (best.Confidence - candidate.Confidence > Finding.Confidence.Tie)
                break;
            tied |= !JsonNode.DeepEquals(best.Value, candidate.Value);
        }
        return tied ? null : best;
    }
}
