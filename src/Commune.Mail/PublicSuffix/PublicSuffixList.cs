using System.Text;
using Commune.Mail.Dns;

namespace Commune.Mail.PublicSuffix;

/// <summary>The public suffix list (https://publicsuffix.org/list/): under which names strangers register theirs. Both of
/// its sections count, ICANN's and the private one. Immutable and thread-safe.</summary>
public sealed class PublicSuffixList
{
    private const string Resource = "public_suffix_list.dat";

    private static readonly Lazy<PublicSuffixList> Snapshot = new(LoadSnapshot);

    private readonly PublicSuffixTable _rules;

    private PublicSuffixList(PublicSuffixTable rules, DateOnly? date, string? version)
    {
        _rules = rules;
        Date = date;
        Version = version;
    }

    /// <summary>The list that came with the program, read at the first use. See docs/public-suffix.md.</summary>
    public static PublicSuffixList Bundled => Snapshot.Value;

    /// <summary>The day of the snapshot: of its VERSION line, or else of the import of top-level domains that the list
    /// names; null when it has neither.</summary>
    public DateOnly? Date { get; }

    /// <summary>The text of the VERSION line; null when the list has none.</summary>
    public string? Version { get; }

    /// <summary>How many names have a rule.</summary>
    public int Count => _rules.Count;

    /// <summary>Reads a list in its own format. Lines that are no rule are ignored, as the format asks.</summary>
    public static PublicSuffixList Read(TextReader list)
    {
        var reader = new PublicSuffixReader();
        while (list.ReadLine() is { } line)
            reader.Add(line);
        return new PublicSuffixList(reader.ToTable(), reader.Date, reader.Version);
    }

    /// <summary>The public suffix and one label: the domain that somebody registered (RFC 7489 §3.2).</summary>
    /// <param name="domain">U-labels or A-labels, in any case.</param>
    /// <returns>Lower-case A-labels; null when the domain is itself a public suffix, or no domain name.</returns>
    public string? OrganizationalDomain(string domain)
    {
        if (!TryFindSuffix(domain, out var name, out var suffix) || suffix == 0)
            return null;
        return name[(name.LastIndexOf('.', suffix - 2) + 1)..];
    }

    /// <summary>The public suffix of a domain, in lower-case A-labels; a top-level domain that is not listed is one. Null
    /// when the text is no domain name.</summary>
    public string? SuffixOf(string domain) =>
        TryFindSuffix(domain, out var name, out var suffix) ? name[suffix..] : null;

    /// <param name="suffix">Where in the name its public suffix begins.</param>
    private bool TryFindSuffix(string domain, out string name, out int suffix)
    {
        suffix = 0;
        if (!DnsName.TryNormalize(domain, out name) || name[0] is '.' or '[')
            return false;
        // The numbers of an IP address are not labels: nobody registers below ".1".
        var start = name.LastIndexOf('.') + 1;
        if (!name.AsSpan(start).ContainsAnyExceptInRange('0', '9'))
            return false;

        // From the shortest name upwards. An unlisted top level counts as listed (the rule "*").
        suffix = start;
        var below = start;
        while (true)
        {
            var rule = _rules.Find(name.AsSpan(start));
            if (rule.HasFlag(PublicSuffixRule.Exception))
            {
                suffix = below;
                return true;
            }

            if (rule.HasFlag(PublicSuffixRule.Itself))
                suffix = start;
            if (start == 0)
                return true;
            below = start;
            start = name.LastIndexOf('.', start - 2) + 1;
            if (rule.HasFlag(PublicSuffixRule.EveryChild))
                suffix = start;
        }
    }

    private static PublicSuffixList LoadSnapshot()
    {
        using var stream = typeof(PublicSuffixList).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"{Resource} is missing from the assembly.");
        using var text = new StreamReader(stream, Encoding.UTF8);
        return Read(text);
    }
}
