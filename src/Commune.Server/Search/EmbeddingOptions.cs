using Commune.Server.Hosting;

namespace Commune.Server.Search;

/// <summary>Section <c>Commune:Embeddings</c> (docs/operating.md).</summary>
public sealed class EmbeddingOptions : ModelProviderOptions
{
    /// <summary>For the vector of a query; a search that has none by then goes on with the built-in one.</summary>
    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Tokens that an organisation may spend on vectors in a day (UTC), over all nodes; 0 for no limit.</summary>
    public long DailyTokens { get; set; } = 5_000_000;

    /// <exception cref="SettingException">Names the setting and what is expected.</exception>
    public void Check()
    {
        CheckProvider("Embeddings");
        if (TimeLimit <= TimeSpan.Zero || TimeLimit > TimeSpan.FromMinutes(1))
            throw new SettingException("Commune:Embeddings:TimeLimit: it is a positive time of a minute at most.");
        if (DailyTokens < 0)
            throw new SettingException("Commune:Embeddings:DailyTokens: it is not negative.");
    }
}
