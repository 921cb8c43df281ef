namespace Commune.Storage;

/// <summary>So many sends in a sliding window, counted over all nodes. A refused send is not counted.</summary>
/// <param name="Counted">What is counted within the organisation; caps that name the same thing share its count.</param>
/// <param name="WindowSeconds">At most a day: older counts are forgotten.</param>
/// <param name="Name">Tells the cap in an answer, such as <c>recipient_hour</c>.</param>
public sealed record SendCap(string Counted, long WindowSeconds, int Most, string Name)
{
    public const long Hour = 60 * 60;
    public const long Day = 24 * Hour;

    /// <param name="address">Bare, as it goes into RCPT TO.</param>
    public static string ToRecipient(string address) => "to:" + address.ToLowerInvariant();

    public static string InThread(string threadId) => "thread:" + threadId;

    public static string FromDomain(string domainId) => "domain:" + domainId;
}
