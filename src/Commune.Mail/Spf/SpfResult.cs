namespace Commune.Mail.Spf;

/// <summary>The verdict of RFC 7208 §2.6 about one message.</summary>
/// <param name="Result">A word of RFC 8601 §2.7.2: one of the constants of this type.</param>
/// <param name="Domain">The domain that was checked, without trailing dot.</param>
/// <param name="Scope"><c>mfrom</c>, or <c>helo</c> when the reverse-path was null (RFC 7208 §2.4).</param>
/// <param name="Explanation">The domain's own words for a <c>fail</c> (exp=, §6.2), printable ASCII. It comes from a
/// stranger: quote it as such.</param>
/// <param name="Mechanism">The term of the domain's record that decided, as published; null when none matched.</param>
/// <param name="Problem">What was wrong, for a <c>permerror</c> or <c>temperror</c>.</param>
public sealed record SpfResult(
    string Result, string Domain, string Scope, string? Explanation, string? Mechanism, string? Problem)
{
    public const string None = "none";
    public const string Neutral = "neutral";
    public const string Pass = "pass";
    public const string Fail = "fail";
    public const string SoftFail = "softfail";
    public const string TempError = "temperror";
    public const string PermError = "permerror";

    public const string MailFromScope = "mfrom";
    public const string HeloScope = "helo";
}
