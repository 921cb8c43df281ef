using Commune.Server.Hosting;

namespace Commune.Server.Webhooks;

/// <summary>Section <c>Commune:Webhooks</c> (docs/operating.md); the standard values are those of contract section 14.</summary>
public sealed class WebhookOptions
{
    /// <summary>Endpoints at private, loopback and link-local addresses may be called. They are refused otherwise.</summary>
    public bool AllowPrivateNetworks { get; set; }

    /// <summary>Endpoints may be plain <c>http</c>.</summary>
    public bool AllowHttp { get; set; } = true;

    /// <summary>The delay after each failed attempt, give or take a quarter; after the attempt that follows the last one the delivery is dead.</summary>
    public string RetrySchedule { get; set; } = "5s,30s,2m,10m,30m,1h,2h";

    public TimeSpan FirstTimeout { get; set; } = TimeSpan.FromSeconds(10);
    public TimeSpan RetryTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Calls under way at once, in all and to one endpoint.</summary>
    public int Concurrency { get; set; } = 64;
    public int ConcurrencyPerEndpoint { get; set; } = 8;

    /// <summary>After so many failures in a row an endpoint is left alone for <see cref="BreakerPause"/>.</summary>
    public int BreakerFailures { get; set; } = 5;
    public TimeSpan BreakerPause { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a replaced secret goes on signing beside the new one.</summary>
    public TimeSpan FormerSecretFor { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long deliveries that ended, delivered or dead, are kept.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);

    /// <exception cref="SettingException">Names the setting and what is expected.</exception>
    public void Check()
    {
        SettingText.Durations("Commune:Webhooks:RetrySchedule", RetrySchedule);
        if (FirstTimeout <= TimeSpan.Zero || RetryTimeout <= TimeSpan.Zero || BreakerPause <= TimeSpan.Zero || Retention <= TimeSpan.Zero || FormerSecretFor < TimeSpan.Zero)
            throw new SettingException("Commune:Webhooks: FirstTimeout, RetryTimeout, BreakerPause and Retention are positive times.");
        if (Concurrency < 1 || ConcurrencyPerEndpoint < 1 || BreakerFailures < 1)
            throw new SettingException("Commune:Webhooks: Concurrency, ConcurrencyPerEndpoint and BreakerFailures are at least 1.");
    }
}
