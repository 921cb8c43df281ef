namespace Commune.Server.Domains;

/// <summary>What resolvers answer for one record now.</summary>
/// <param name="Status"><c>verified</c>, <c>failed</c> (something else stands there) or <c>pending</c> (nothing does).</param>
/// <param name="Found">The answers as they are, at most <see cref="MostFound"/>.</param>
/// <param name="Problem">What differs and what to do, in a sentence; null when all is well.</param>
/// <param name="IsTemporary">The name servers did not answer, so that nothing is known.</param>
public sealed record RecordCheck(string Status, IReadOnlyList<string> Found, string? Problem, bool IsTemporary = false)
{
    public const string Verified = "verified";
    public const string Failed = "failed";
    public const string Pending = "pending";

    private const int MostFound = 20;
    private const int MostCharacters = 1000;

    public static RecordCheck Right(IReadOnlyList<string> found, string? remark = null) => new(Verified, Shown(found), remark);

    public static RecordCheck Wrong(IReadOnlyList<string> found, string problem) => new(Failed, Shown(found), problem);

    public static RecordCheck Missing(string problem) => new(Pending, [], problem);

    public static RecordCheck Unanswered(string name) =>
        new(Pending, [], $"The name servers of {name} did not answer in time; check again in some minutes.", IsTemporary: true);

    /// <summary>Strangers wrote the answers: few of them, and short.</summary>
    private static IReadOnlyList<string> Shown(IReadOnlyList<string> found) =>
        [.. found.Take(MostFound).Select(static text => text.Length <= MostCharacters ? text : text[..MostCharacters])];
}
