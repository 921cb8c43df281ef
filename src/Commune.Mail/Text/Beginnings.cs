using System.Collections.Frozen;

namespace Commune.Mail.Text;

/// <summary>Phrases a line may begin with, in any case, kept by their first letter: most lines are told by one look.</summary>
internal sealed class Beginnings(IEnumerable<string> phrases)
{
    // Two letters that are equal without regard to case have one upper form.
    private readonly FrozenDictionary<char, string[]> byLetter = phrases
        .GroupBy(static phrase => char.ToUpperInvariant(phrase[0]))
        .ToFrozenDictionary(static group => group.Key, static group => group.ToArray());

    public bool Start(ReadOnlySpan<char> line)
    {
        if (line.IsEmpty || !byLetter.TryGetValue(char.ToUpperInvariant(line[0]), out var candidates))
            return false;
        foreach (var phrase in candidates)
        {
            if (line.StartsWith(phrase, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }
}
