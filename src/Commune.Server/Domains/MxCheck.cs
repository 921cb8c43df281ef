using Commune.Mail.Dns;

namespace Commune.Server.Domains;

/// <summary>Does mail for the domain come here? (RFC 5321 §5.1)</summary>
internal static class MxCheck
{
    public static async Task<RecordCheck> RunAsync(IDnsResolver dns, IssuedRecord issued, CancellationToken cancellation)
    {
        var answer = await dns.MxAsync(issued.Name, cancellation);
        if (answer.IsTemporaryFailure)
            return RecordCheck.Unanswered(issued.Name);
        var found = answer.Records.Select(static mx => $"{mx.Preference} {mx.Exchange}").ToList();
        if (found.Count == 0)
            return await MissingAsync(dns, issued, cancellation);
        // RFC 7505: "." as the only exchange says that the domain takes no mail at all.
        if (answer.Records.Any(static mx => mx.IsNull))
            return RecordCheck.Wrong(found, $"{issued.Name} publishes a null MX, which says that it takes no mail. Remove it and add: {issued.Priority} {issued.Value}");

        var ours = answer.Records.Where(mx => mx.Exchange.TrimEnd('.').Equals(issued.Value, StringComparison.OrdinalIgnoreCase)).ToList();
        if (ours.Count == 0)
        {
            return RecordCheck.Wrong(found, $"Mail for {issued.Name} goes to {string.Join(" and ", answer.Records.Take(3).Select(static mx => mx.Exchange))}. "
                + $"Replace those MX records by: {issued.Priority} {issued.Value}. To keep your present mail, use a subdomain for this server instead.");
        }
        var preferred = answer.Records.FirstOrDefault(mx => mx.Preference < ours.Min(static o => o.Preference));
        return preferred is null ? RecordCheck.Right(found)
            : RecordCheck.Right(found, $"{preferred.Exchange} is preferred ({preferred.Preference}), so most mail goes there; this server gets only what it cannot take.");
    }

    private static async Task<RecordCheck> MissingAsync(IDnsResolver dns, IssuedRecord issued, CancellationToken cancellation)
    {
        var doubled = $"{issued.Name}.{issued.Name}";
        return (await dns.MxAsync(doubled, cancellation)).Records.Count > 0
            ? RecordCheck.Missing($"The MX record stands at {doubled}: your registrar adds the domain by itself. Enter @ (or nothing) as its name.")
            : RecordCheck.Missing($"No MX record was found at {issued.Name}. Add: {issued.Priority} {issued.Value}");
    }
}
