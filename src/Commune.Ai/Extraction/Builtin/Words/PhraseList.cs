using System.Collections.Frozen;
using Commune.Ai.Extraction.Builtin.Reading;

namespace Commune.Ai.Extraction.Builtin.Words;

/// <summary>A phrase: folded words, of which the last may be the beginning of a word ("deliver*"); "!" marks one that leaves no doubt.</summary>
internal sealed record Phrase(string[] Words, bool IsPrefix, bool IsStrong)
{
    public static Phrase Of(string text)
    {
        var strong = text.EndsWith('!');
        text = text.TrimEnd('!');
        var prefix = text.EndsWith('*');
        var words = text.TrimEnd('*').Split([' ', '-'], StringSplitOptions.RemoveEmptyEntries).Select(word => Folded.Of(word)).Where(word => word.Length > 0).ToArray();
        return new Phrase(words, prefix, strong);
    }

    /// <summary>Whether the phrase begins at a word.</summary>
    public bool IsAt(List<Word> words, int at, int end)
    {
        if (Words.Length == 0 || at + Words.Length > end)
            return false;
        for (var i = 0; i < Words.Length - 1; i++)
        {
            if (words[at + i].Folded != Words[i])
                return false;
        }
        var last = words[at + Words.Length - 1].Folded;
        return IsPrefix ? last.StartsWith(Words[^1], StringComparison.Ordinal) : last == Words[^1] || (last.Length > 4 && last.Length == Words[^1].Length + 1 && last[^1] == 's' && last.StartsWith(Words[^1], StringComparison.Ordinal));
    }
}

/// <summary>Phrases by what they stand for. A line holds names, a colon, phrases.</summary>
internal static class PhraseList
{
    public static FrozenDictionary<string, Phrase[]> Read(string lines)
    {
        var lists = new Dictionary<string, List<Phrase>>(StringComparer.Ordinal);
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var phrases = line[(colon + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Phrase.Of).ToList();
            foreach (var name in line[..colon].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                if (lists.TryGetValue(name, out var known))
                    known.AddRange(phrases);
                else
                    lists[name] = [.. phrases];
            }
        }
        return lists.ToFrozenDictionary(entry => entry.Key, entry => entry.Value.ToArray(), StringComparer.Ordinal);
    }
}
