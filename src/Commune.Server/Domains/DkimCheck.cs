using Commune.Mail.Dns;

namespace Commune.Server.Domains;

/// <summary>Is the public half of our key where receivers look for it? (RFC 6376 §3.6)</summary>
internal static class DkimCheck
{
    public static async Task<RecordCheck> RunAsync(IDnsResolver dns, IssuedRecord issued, string domain, CancellationToken cancellation)
    {
        // A CNAME to where the key is kept is followed by the resolver.
        var answer = await dns.TxtAsync(issued.Name, cancellation);
        if (answer.IsTemporaryFailure)
            return RecordCheck.Unanswered(issued.Name);
        var found = answer.Records;
        if (found.Count == 0)
            return await MissingAsync(dns, issued, domain, cancellation);
        if (found.Count > 1)
            return RecordCheck.Wrong(found, $"{found.Count} TXT records stand at {issued.Name}; receivers may take the wrong one. Keep only the one issued here.");

        var (published, own) = (KeyOf(found[0]), KeyOf(issued.Value)!);
        if (published == own)
            return RecordCheck.Right(found);
        return RecordCheck.Wrong(found, published switch
        {
            null => $"The TXT record at {issued.Name} is no DKIM key (it has no p=). Replace it by the value issued here.",
            "" => $"The key at {issued.Name} is revoked (p= is empty). Publish the value issued here.",
            _ when own.StartsWith(published, StringComparison.Ordinal) =>
                $"The key at {issued.Name} is cut off after {published.Length} of {own.Length} characters. Enter the whole value; if the field is too short, split it into several quoted strings.",
            _ => $"Another key stands at {issued.Name}. Replace it by the value issued here.",
        });
    }

    private static async Task<RecordCheck> MissingAsync(IDnsResolver dns, IssuedRecord issued, string domain, CancellationToken cancellation)
    {
        var doubled = $"{issued.Name}.{domain}";
        return (await dns.TxtAsync(doubled, cancellation)).Records.Count > 0
            ? RecordCheck.Missing($"The DKIM record stands at {doubled}: your registrar adds the domain by itself. Enter {issued.Name[..^(domain.Length + 1)]} as its name.")
            : RecordCheck.Missing($"No DKIM key was found at {issued.Name}. Add a TXT record with the value issued here.");
    }

    /// <summary>The <c>p=</c> tag without white space (RFC 6376 §3.6.1); null when there is none.</summary>
    private static string? KeyOf(string record)
    {
        foreach (var tag in record.Split(';'))
        {
            if (tag.Trim() is { } trimmed && trimmed.StartsWith("p=", StringComparison.Ordinal))
                return string.Concat(trimmed[2..].Where(static c => !char.IsWhiteSpace(c)));
        }
        return null;
    }
}
