using Commune.Server.Hosting;
using Commune.Storage;
using Microsoft.Extensions.Options;

namespace Commune.Server.Outbound;

/// <summary>What the settings allow of one send beside the organisation's limits, and how a refusal is told.</summary>
public sealed class SendPolicy(IOptions<CommuneOptions> options, TimeProvider time)
{
    public static readonly TimeSpan LongestSchedule = TimeSpan.FromDays(30);
    private const string RepliesName = "thread_replies_hour";
    private const string WarmUpName = "domain_warm_up_day";

    private readonly LimitOptions limits = options.Value.Limits;
    private readonly IReadOnlyList<int> warmUp = SettingText.Numbers("Commune:Limits:WarmUp", options.Value.Limits.WarmUp);

    /// <exception cref="ApiException">400: too far ahead.</exception>
    public void CheckTime(long? sendAt)
    {
        if (sendAt > (time.GetUtcNow() + LongestSchedule).ToUnixTimeMilliseconds())
            throw ApiException.Invalid("send_at", $"send_at must be within {LongestSchedule.Days} days from now");
    }

    public IReadOnlyList<SendCap> CapsOf(Domain domain, string? threadId, IReadOnlyList<OutboundRecipient> recipients)
    {
        var caps = new List<SendCap>();
        if (threadId is not null)
        {
            if (limits.RepliesPerThreadPerHour > 0)
                caps.Add(new SendCap(SendCap.InThread(threadId), SendCap.Hour, limits.RepliesPerThreadPerHour, RepliesName));
            if (limits.PerThreadPerHour is { } perThread)
                caps.Add(new SendCap(SendCap.InThread(threadId), SendCap.Hour, perThread, "thread_hour"));
        }
        foreach (var recipient in recipients)
        {
            var counted = SendCap.ToRecipient(recipient.Address);
            if (limits.PerRecipientPerHour is { } perHour)
                caps.Add(new SendCap(counted, SendCap.Hour, perHour, "recipient_hour"));
            if (limits.PerRecipientPerDay is { } perDay)
                caps.Add(new SendCap(counted, SendCap.Day, perDay, "recipient_day"));
        }
        if (WarmUpCapOf(domain) is { } perDomain)
            caps.Add(new SendCap(SendCap.FromDomain(domain.Id), SendCap.Day, perDomain, WarmUpName));
        return caps;
    }

    /// <summary>What a domain that is warmed up may send in a day now; null when that is over, or not asked for.</summary>
    public int? WarmUpCapOf(Domain domain)
    {
        if (domain is not { WarmUpFrom: { } from, VerifiedAt: { } verified, Shared: false })
            return null;
        var day = (time.GetUtcNow().ToUnixTimeMilliseconds() - Math.Max(from, verified)) / (SendCap.Day * 1000);
        return day < warmUp.Count ? warmUp[(int)Math.Max(0, day)] : null;
    }

    public ApiException TooMany(QueueResult.LimitExceeded exceeded) => exceeded.Day
        ? TooMany("Too many emails today", "rate_limit_exceeded", "organisation_day", exceeded.Usage.DayFreesAt, SendCap.Day)
        : TooMany("Too many emails this hour", "rate_limit_exceeded", "organisation_hour", exceeded.Usage.HourFreesAt, SendCap.Hour);

    public ApiException TooMany(QueueResult.CapReached reached)
    {
        var cap = reached.Cap;
        var (text, code) = cap.Name switch
        {
            RepliesName => ($"This thread has had {cap.Most} replies within an hour: two programs may be answering each other. Look at it before you go on", "thread_reply_limit"),
            WarmUpName => ($"The domain is being warmed up, and may send {cap.Most} emails a day for now", "domain_warm_up_limit"),
            "thread_hour" => ("Too many emails into this thread this hour", "thread_limit"),
            "recipient_hour" => ($"Too many emails to {cap.Counted["to:".Length..]} this hour", "recipient_limit"),
            _ => ($"Too many emails to {cap.Counted["to:".Length..]} today", "recipient_limit"),
        };
        return TooMany(text, code, cap.Name, reached.FreesAt, cap.WindowSeconds);
    }

    public static ApiException Paused(SendingPause pause) => new(StatusCodes.Status403Forbidden, new ErrorBody(
        $"Sending is paused: of {pause.Outcomes} recipients in the last 24 hours {pause.HardBounces} bounced for good and {pause.Complaints} complained. "
        + $"It resumes by itself once these leave the 24 hours, by {ApiJson.Time(pause.Until)} at the latest; "
        + "send to known addresses only, and ask the operator of this server to lift the pause earlier (DELETE /v1/agent/sending-pause)",
        "sending_paused", PausedUntil: ApiJson.Time(pause.Until)));

    /// <param name="freesAt">0 when nothing is counted: nothing at all is allowed.</param>
    private ApiException TooMany(string text, string code, string limit, long freesAt, long windowSeconds)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var seconds = freesAt == 0 ? windowSeconds : Math.Max(1, (freesAt - now + 999) / 1000);
        return new ApiException(StatusCodes.Status429TooManyRequests, new ErrorBody(text, code, RetryAfter: (int)seconds, Limit: limit));
    }
}
