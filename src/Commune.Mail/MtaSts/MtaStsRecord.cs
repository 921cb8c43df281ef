namespace Commune.Mail.MtaSts;

/// <summary>The TXT record at <c>_mta-sts.domain</c> that says that there is a policy, and when it changed (RFC 8461 §3.1).</summary>
public static class MtaStsRecord
{
    private const int MaxIdLength = 32;

    /// <summary>The name at which a domain's record stands.</summary>
    public static string NameOf(string domain) => "_mta-sts." + domain;

    /// <returns>The policy's <c>id</c>; null when there is no record, more than one, or none that can be read: then the domain
    /// is treated as one without MTA-STS.</returns>
    public static string? FindId(IReadOnlyList<string> records)
    {
        ArgumentNullException.ThrowIfNull(records);
        // Records that do not begin so are other people's and do not count; of those that do there must be exactly one.
        var found = records.Where(static text => text.StartsWith("v=STSv1;", StringComparison.Ordinal)
            || text.StartsWith("v=STSv1 ", StringComparison.Ordinal)).ToList();
        if (found is not [var record])
            return null;
        string? id = null;
        foreach (var field in record.Split(';').Skip(1))
        {
            var equals = field.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0 || field[..equals].Trim() != "id")
                continue;
            // A second id makes the record one that says two things.
            if (id is not null)
                return null;
            id = field[(equals + 1)..].Trim();
        }
        return id is { Length: > 0 and <= MaxIdLength } && id.All(char.IsAsciiLetterOrDigit) ? id : null;
    }
}
