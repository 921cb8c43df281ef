namespace Commune.Mail.Dns;

/// <summary>Draws the answer to a question out of a response: records that belong to another name are ignored, the
/// CNAME chain is followed as far as the response goes (RFC 1034 §3.6.2).</summary>
internal static class DnsAnswerReader
{
    /// <summary>How many CNAMEs are followed, in all, before a chain counts as a loop.</summary>
    public const int MaxAliases = 8;

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);
    private static readonly TimeSpan LongestNegative = TimeSpan.FromMinutes(15);

    public static DnsAnswer Read(DnsMessage message, DnsQuestion question)
    {
        if (message.ResponseCode is not (DnsResponseCode.NoError or DnsResponseCode.NameError))
            return DnsAnswer.Failed(DnsStatus.ServerFailure);

        var name = question.Name;
        var ttl = uint.MaxValue;
        if (question.Type != DnsRecordType.Cname)
        {
            for (var aliases = 0; Find(message.Answers, name, DnsRecordType.Cname) is { } cname; aliases++)
            {
                if (aliases == MaxAliases || !DnsName.TryNormalize((string)cname.Value, out name))
                    return DnsAnswer.Failed(DnsStatus.ServerFailure);
                ttl = Math.Min(ttl, cname.Ttl);
            }
        }

        var values = new List<object>();
        foreach (var record in message.Answers)
        {
            if (record.Type != question.Type || !IsSameName(record.Name, name))
                continue;
            values.Add(record.Value);
            ttl = Math.Min(ttl, record.Ttl);
        }

        if (values.Count > 0)
            return new DnsAnswer(DnsStatus.Success, values, null, Clamp(ttl, Longest));
        if (message.ResponseCode == DnsResponseCode.NoError && name != question.Name)
            return new DnsAnswer(DnsStatus.Success, [], name, Clamp(ttl, Longest));

        var status = message.ResponseCode == DnsResponseCode.NameError ? DnsStatus.NameError : DnsStatus.NoData;
        return new DnsAnswer(status, [], null, Clamp(Math.Min(ttl, NegativeTtl(message)), LongestNegative));
    }

    /// <summary>RFC 2308 §5: the lesser of the SOA's own TTL and its MINIMUM field; without an SOA there is nothing to
    /// go by.</summary>
    private static uint NegativeTtl(DnsMessage message)
    {
        foreach (var record in message.Authorities)
        {
            if (record.Type == DnsRecordType.Soa)
                return Math.Min(record.Ttl, (uint)record.Value);
        }

        return 0;
    }

    private static DnsRecord? Find(IReadOnlyList<DnsRecord> records, string name, DnsRecordType type)
    {
        foreach (var record in records)
        {
            if (record.Type == type && IsSameName(record.Name, name))
                return record;
        }

        return null;
    }

    private static bool IsSameName(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);

    private static TimeSpan Clamp(uint seconds, TimeSpan longest)
    {
        var lifetime = TimeSpan.FromSeconds(seconds);
        return lifetime < Shortest ? Shortest : lifetime > longest ? longest : lifetime;
    }
}
