namespace Commune.Mail.AuthenticationResults;

/// <summary>What one method said (RFC 8601 §2.2 "resinfo"): <c>spf=pass reason="…" smtp.mailfrom=example.org</c>.</summary>
/// <param name="Method">A keyword of RFC 8601 §2.7: <c>dkim</c>, <c>spf</c>, <c>dmarc</c>, <c>arc</c>, <c>iprev</c>, <c>auth</c>.</param>
/// <param name="Result">A keyword: <c>pass</c>, <c>fail</c>, <c>softfail</c>, <c>neutral</c>, <c>none</c>, <c>temperror</c>,
/// <c>permerror</c>, <c>policy</c>.</param>
/// <param name="Properties">What was looked at. Values may be anything a sender wrote: they are quoted as needed.</param>
public sealed record AuthenticationMethodResult(string Method, string Result, params IReadOnlyList<AuthenticationProperty> Properties)
{
    /// <summary>Free text.</summary>
    public string? Reason { get; init; }
}

/// <summary>RFC 8601 §2.2 "propspec": <c>smtp.mailfrom=user@example.org</c>.</summary>
/// <param name="Type"><c>smtp</c>, <c>header</c>, <c>body</c> or <c>policy</c>.</param>
public sealed record AuthenticationProperty(string Type, string Name, string Value);
