using System.Text;
using Commune.Mail.Dns;

namespace Commune.Mail.Spf;

/// <summary>Fetches the text behind exp= (RFC 7208 §6.2). Whatever goes wrong, there is then no explanation; no limit of
/// §4.6.4 counts it, as it is asked for once, after the verdict.</summary>
internal sealed class SpfExplanation(IDnsResolver dns, SpfSettings settings)
{
    /// <param name="verdict">A fail with an exp= and the values of its macros.</param>
    public async ValueTask<string?> ReadAsync(SpfVerdict verdict, CancellationToken ct)
    {
        var values = await WithValidatedNameAsync(verdict.Explanation!, verdict.Values!, ct);
        var name = verdict.Explanation!.Expand(values, 8192);
        if (name is null || !Ascii.IsValid(name))
            return null;
        var answer = await dns.TxtAsync(SpfTargetName.Shorten(name), ct);
        if (answer.Records is not [var text] || !SpfMacroString.TryParseExplanation(text, out var macro))
            return null;
        values = await WithValidatedNameAsync(macro, values, ct);
        var explanation = macro.Expand(values, settings.MaxExplanation);
        return explanation is not null && IsPrintable(explanation) ? explanation : null;
    }

    private async ValueTask<SpfMacroValues> WithValidatedNameAsync(
        SpfMacroString macro, SpfMacroValues values, CancellationToken ct)
    {
        if (!macro.UsesValidatedName)
            return values;
        var names = new SpfClientNames(dns, values.Client, settings.MaxPtrNames);
        return values with { ValidatedName = await names.BestForAsync(values.Domain, ct) };
    }

    // It may be sent in an SMTP reply: a HELO name with a line break in it must not end that reply.
    private static bool IsPrintable(string text) => !text.AsSpan().ContainsAnyExceptInRange(' ', '~');
}
