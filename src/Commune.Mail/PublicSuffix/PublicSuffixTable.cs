using System.Text;

namespace Commune.Mail.PublicSuffix;

/// <summary>What the list says about one name.</summary>
[Flags]
internal enum PublicSuffixRule : byte
{
    None = 0,

    /// <summary><c>name</c>: it is a public suffix.</summary>
    Itself = 1,

    /// <summary><c>*.name</c>: every name one label below it is.</summary>
    EveryChild = 2,

    /// <summary><c>!name</c>: it is none, although a wildcard covers it.</summary>
    Exception = 4,
}

/// <summary>The rules in three arrays: all names in one run of octets, sorted; where each begins; what it means. Ten
/// thousand rules cost some 200 KB, where a dictionary of strings costs ten times that.</summary>
internal sealed class PublicSuffixTable
{
    private readonly byte[] _names;
    private readonly int[] _starts;
    private readonly PublicSuffixRule[] _rules;

    public PublicSuffixTable(IReadOnlyDictionary<string, PublicSuffixRule> rules)
    {
        var sorted = rules.OrderBy(rule => rule.Key, StringComparer.Ordinal).ToArray();
        _names = Encoding.ASCII.GetBytes(string.Concat(sorted.Select(rule => rule.Key)));
        _rules = Array.ConvertAll(sorted, rule => rule.Value);
        _starts = new int[sorted.Length + 1];
        for (var i = 0; i < sorted.Length; i++)
            _starts[i + 1] = _starts[i] + sorted[i].Key.Length;
    }

    public int Count => _rules.Length;

    /// <param name="name">Lower-case A-labels.</param>
    public PublicSuffixRule Find(ReadOnlySpan<char> name)
    {
        var low = 0;
        var high = _rules.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = Compare(name, _names.AsSpan(_starts[middle].._starts[middle + 1]));
            if (order == 0)
                return _rules[middle];
            if (order < 0)
                high = middle - 1;
            else
                low = middle + 1;
        }

        return PublicSuffixRule.None;
    }

    private static int Compare(ReadOnlySpan<char> name, ReadOnlySpan<byte> other)
    {
        var shared = Math.Min(name.Length, other.Length);
        for (var i = 0; i < shared; i++)
        {
            if (name[i] != other[i])
                return name[i] - other[i];
        }

        return name.Length - other.Length;
    }
}
