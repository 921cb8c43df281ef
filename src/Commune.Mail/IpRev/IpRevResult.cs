namespace Commune.Mail.IpRev;

/// <summary>The verdict of RFC 8601 §2.7.3.</summary>
/// <param name="Result"><c>pass</c>, <c>fail</c>, <c>temperror</c> or <c>permerror</c>.</param>
/// <param name="Name">The name that leads back to the address; null unless the result is <c>pass</c>.</param>
public sealed record IpRevResult(string Result, string? Name)
{
    public const string Pass = "pass";
    public const string Fail = "fail";
    public const string TempError = "temperror";
    public const string PermError = "permerror";
}
