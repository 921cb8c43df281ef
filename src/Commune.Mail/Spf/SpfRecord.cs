using System.Net;

namespace Commune.Mail.Spf;

/// <summary>RFC 7208 §5.</summary>
internal enum SpfMechanismKind
{
    All,
    Include,
    A,
    Mx,
    Ptr,
    Ip4,
    Ip6,
    Exists,
}

/// <summary>One directive: a qualifier and a mechanism.</summary>
/// <param name="Text">The term as it was published.</param>
/// <param name="Result">What the qualifier makes of a match (RFC 7208 §4.6.2).</param>
/// <param name="Target">The domain-spec; null for "the current domain" and for mechanisms without one.</param>
/// <param name="Network">The address of ip4 and ip6.</param>
/// <param name="Prefix4">The length of the network part for an IPv4 client.</param>
/// <param name="Prefix6">The same for an IPv6 client.</param>
internal sealed record SpfDirective(
    string Text,
    string Result,
    SpfMechanismKind Kind,
    SpfMacroString? Target = null,
    IPAddress? Network = null,
    int Prefix4 = 32,
    int Prefix6 = 128);

/// <summary>A record that follows the grammar of RFC 7208 §12 from its first character to its last.</summary>
internal sealed record SpfRecord(
    IReadOnlyList<SpfDirective> Directives, SpfMacroString? Redirect, SpfMacroString? Explanation)
{
    private const string Version = "v=spf1";

    /// <summary>RFC 7208 §4.5: the version is the whole of the first word, in any case.</summary>
    public static bool IsSpf(string text) =>
        text.StartsWith(Version, StringComparison.OrdinalIgnoreCase)
        && (text.Length == Version.Length || text[Version.Length] == ' ');

    /// <summary>Reads a record for which <see cref="IsSpf"/> holds. RFC 7208 §4.6: a syntax error anywhere makes the
    /// whole record void.</summary>
    /// <param name="problem">The term that could not be read, in words; null on success.</param>
    public static SpfRecord? Parse(string text, out string? problem)
    {
        var directives = new List<SpfDirective>();
        SpfMacroString? redirect = null;
        SpfMacroString? explanation = null;
        var terms = text.AsSpan(Version.Length);
        foreach (var range in terms.Split(' '))
        {
            var term = terms[range];
            if (term.IsEmpty)
                continue;
            var name = SpfTermParser.NameLength(term);
            var isRead = true;
            if (name > 0 && name < term.Length && term[name] == '=')
            {
                var value = term[(name + 1)..];
                // RFC 7208 §6: redirect and exp may stand once each; names nobody knows are ignored, if well-formed.
                if (term[..name].Equals("redirect", StringComparison.OrdinalIgnoreCase))
                    isRead = redirect is null && SpfMacroString.TryParseDomainSpec(value, out redirect);
                else if (term[..name].Equals("exp", StringComparison.OrdinalIgnoreCase))
                    isRead = explanation is null && SpfMacroString.TryParseDomainSpec(value, out explanation);
                else
                    isRead = SpfMacroString.TryParseText(value, out _);
            }
            else if (SpfTermParser.TryParseDirective(term, out var directive))
            {
                directives.Add(directive);
            }
            else
            {
                isRead = false;
            }

            if (!isRead)
            {
                const int longest = 80;
                var shown = term.Length > longest ? term[..longest] : term;
                problem = $"cannot read the term \"{SpfTargetName.Printable(shown.ToString())}\"";
                return null;
            }
        }

        problem = null;
        return new SpfRecord(directives, redirect, explanation);
    }
}
