using System.Globalization;
using System.Runtime.InteropServices;
using Commune.Mail.Dns;

namespace Commune.Mail.PublicSuffix;

/// <summary>Reads the list line by line (https://github.com/publicsuffix/list/wiki/Format): a rule goes up to the first
/// white space, comments begin with two slashes.</summary>
internal sealed class PublicSuffixReader
{
    private const string VersionMark = "// VERSION:";
    private const string ImportMark = "// List of new gTLDs imported from ";

    private readonly Dictionary<string, PublicSuffixRule> _rules = new(StringComparer.Ordinal);
    private DateOnly? _imported;

    public string? Version { get; private set; }

    public DateOnly? Date => Version is not null && TryReadDate(Version, out var date) ? date : _imported;

    public void Add(string line)
    {
        if (line.StartsWith("//", StringComparison.Ordinal))
        {
            ReadComment(line);
            return;
        }

        var end = line.AsSpan().IndexOfAny(' ', '\t');
        var rule = end < 0 ? line : line[..end];
        var kind = PublicSuffixRule.Itself;
        if (rule.StartsWith('!'))
        {
            kind = PublicSuffixRule.Exception;
            rule = rule[1..];
        }
        else if (rule.StartsWith("*.", StringComparison.Ordinal))
        {
            kind = PublicSuffixRule.EveryChild;
            rule = rule[2..];
        }

        if (!DnsName.TryNormalize(rule, out var name) || name.Contains('*', StringComparison.Ordinal))
            return;
        // An exception takes a label off a name: there must be another one.
        if (kind != PublicSuffixRule.Exception || name.Contains('.', StringComparison.Ordinal))
            CollectionsMarshal.GetValueRefOrAddDefault(_rules, name, out _) |= kind;
    }

    public PublicSuffixTable ToTable() => new(_rules);

    private void ReadComment(string line)
    {
        if (line.StartsWith(VersionMark, StringComparison.Ordinal))
            Version ??= line[VersionMark.Length..].Trim();
        else if (line.StartsWith(ImportMark, StringComparison.Ordinal)
                 && line.LastIndexOf(" on ", StringComparison.Ordinal) is > 0 and var on
                 && TryReadDate(line[(on + 4)..], out var date))
            _imported = date;
    }

    /// <summary>2026-07-24 and whatever follows it.</summary>
    private static bool TryReadDate(string text, out DateOnly date)
    {
        date = default;
        return text.Length >= 10 && DateOnly.TryParseExact(
            text.AsSpan(0, 10), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out date);
    }
}
