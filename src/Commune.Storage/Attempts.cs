namespace Commune.Storage;

/// <summary>Over what an attempt went: the host that was asked, and how the connection was secured.</summary>
/// <param name="Host">Its name; null when the attempt ended before a host was known (the domain's DNS did not answer).</param>
/// <param name="Address"><c>ip:port</c>; null when there was no network in it.</param>
/// <param name="TlsVersion">Such as <c>Tls13</c>; null in clear.</param>
/// <param name="TlsVerified">The certificate was valid for the host.</param>
public sealed record AttemptWay(
    string? Host, string? Address = null, string? TlsVersion = null, string? TlsCipher = null, bool TlsVerified = false);

/// <summary>One attempt at one recipient of a sent message.</summary>
/// <param name="Outcome">As in <see cref="RecipientOutcome.Status"/>.</param>
/// <param name="Reply">The last answer, one line.</param>
public sealed record RecipientAttempt(string Id, string Recipient, long At, string Outcome, int? Code, string Reply, AttemptWay Way)
{
    internal static string NewId(long at) => EntityId.NewSortable("atm_", DateTimeOffset.FromUnixTimeMilliseconds(at));
}
