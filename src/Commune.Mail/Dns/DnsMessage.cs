namespace Commune.Mail.Dns;

/// <summary>The record types that mail needs (RFC 1035 §3.2.2, RFC 3596, RFC 6891).</summary>
internal enum DnsRecordType : ushort
{
    A = 1,
    Cname = 5,
    Soa = 6,
    Ptr = 12,
    Mx = 15,
    Txt = 16,
    Aaaa = 28,
    Opt = 41,
}

/// <summary>RFC 1035 §4.1.1.</summary>
internal enum DnsResponseCode
{
    NoError = 0,
    FormatError = 1,
    ServerFailure = 2,
    NameError = 3,
    NotImplemented = 4,
    Refused = 5,
}

/// <summary>One record of an answer. <paramref name="Value"/> is an <see cref="System.Net.IPAddress"/> (A, AAAA), the
/// name (CNAME, PTR), an <see cref="MxRecord"/>, the joined text (TXT), or the MINIMUM field as a <see cref="uint"/>
/// (SOA).</summary>
internal sealed record DnsRecord(string Name, DnsRecordType Type, uint Ttl, object Value);

/// <summary>A decoded response. Records of types we do not use are left out. <paramref name="QuestionName"/> is empty
/// and <paramref name="QuestionType"/> zero when the server did not repeat the question.</summary>
internal sealed record DnsMessage(
    ushort Id,
    bool IsResponse,
    bool IsTruncated,
    DnsResponseCode ResponseCode,
    string QuestionName,
    DnsRecordType QuestionType,
    IReadOnlyList<DnsRecord> Answers,
    IReadOnlyList<DnsRecord> Authorities);
