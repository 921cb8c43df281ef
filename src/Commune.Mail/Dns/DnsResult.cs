namespace Commune.Mail.Dns;

/// <summary>How a question ended.</summary>
public enum DnsStatus
{
    /// <summary>At least one record of the asked type.</summary>
    Success,

    /// <summary>The name exists, without records of the asked type (RFC 2308 §2.2).</summary>
    NoData,

    /// <summary>The name does not exist (NXDOMAIN, RFC 2308 §2.1), or cannot exist because it is not a valid name.</summary>
    NameError,

    /// <summary>No server answered in time. Temporary.</summary>
    Timeout,

    /// <summary>The servers answered with SERVFAIL, REFUSED or nonsense. Temporary.</summary>
    ServerFailure,
}

/// <summary>The answer to one question. <see cref="Records"/> is empty unless <see cref="Status"/> is
/// <see cref="DnsStatus.Success"/>.</summary>
public sealed record DnsResult<T>(DnsStatus Status, IReadOnlyList<T> Records)
{
    /// <summary>True when the same question may succeed later: a verdict drawn from it must be temporary too
    /// (SPF temperror, DKIM temperror, 4xx).</summary>
    public bool IsTemporaryFailure => Status is DnsStatus.Timeout or DnsStatus.ServerFailure;
}

/// <summary>One MX record (RFC 1035 §3.3.9). <paramref name="Exchange"/> has no trailing dot, except that the root
/// is <c>"."</c>.</summary>
public sealed record MxRecord(int Preference, string Exchange)
{
    /// <summary>RFC 7505: an exchange of "." says that the domain accepts no mail at all.</summary>
    public bool IsNull => Exchange is "." or "";
}
