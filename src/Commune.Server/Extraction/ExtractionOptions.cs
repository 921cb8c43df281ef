using Commune.Server.Hosting;

namespace Commune.Server.Extraction;

/// <summary>Section <c>Commune:Extraction</c> (docs/operating.md).</summary>
public sealed class ExtractionOptions : ModelProviderOptions
{
    /// <summary>For one message, all questions to a model together.</summary>
    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Tokens that an organisation may spend on models in a day (UTC); 0 for no limit.</summary>
    public long DailyTokens { get; set; } = 1_000_000;

    /// <summary>How long the webhook of an arriving message waits for what is read out of it.</summary>
    public TimeSpan WebhookWait { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>That time in ms; none where nothing is read.</summary>
    internal long WebhookWaitMs => Provider == None ? 0 : (long)WebhookWait.TotalMilliseconds;

    /// <summary>Messages that are read at once on this node, a quarter of them of one inbox at most.</summary>
    public int Concurrency { get; set; } = 8;

    /// <summary>Older messages of one inbox that a backfill reads in a minute at most.</summary>
    public int BackfillPerMinute { get; set; } = 600;

    /// <exception cref="SettingException">Names the setting and what is expected.</exception>
    public void Check()
    {
        CheckProvider("Extraction");
        if (TimeLimit <= TimeSpan.Zero || WebhookWait < TimeSpan.Zero || WebhookWait > TimeSpan.FromMinutes(10))
            throw new SettingException("Commune:Extraction:TimeLimit: it is a positive time, and WebhookWait 0 to 10 minutes.");
        if (DailyTokens < 0 || Concurrency < 1 || BackfillPerMinute < 1)
            throw new SettingException("Commune:Extraction:DailyTokens: it is not negative; Concurrency and BackfillPerMinute are at least 1.");
    }
}
