using Commune.Server.Hosting;

namespace Commune.Server.Search;

/// <summary>Section <c>Commune:Embeddings</c> (docs/operating.md).</summary>
public sealed class EmbeddingOptions : ModelProviderOptions
{
    /// <summary>For the vector of a query; a search that has none by then goes on with the built-in one.</summary>
    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Tokens that an organisation may spend on vectors in a day (UTC), over all nodes; 0 for no limit.</summary>
    public long DailyTokens { get; set; } = 5_000_000;

    /// <summary>Numbers of a vector, where the model lets one choose; null for as many as it makes.</summary>
    public int? Dimensions { get; set; }

    /// <exception cref="SettingException">Names the setting and what is expected.</exception>
    public void Check()
    {
        CheckProvider("Embeddings");
        if (TimeLimit <= TimeSpan.Zero || TimeLimit > TimeSpan.FromMinutes(1))
            throw new SettingException("Commune:Embeddings:TimeLimit: it is a positive time of a minute at most.");
        if (Dimensions is <= 0 or > 16_384)
            throw new SettingException("Commune:Embeddings:Dimensions: it is 1 to 16384.");
        if (DailyTokens < 0)
            throw new SettingException("Commune:Embeddings:DailyTokens: it is not negative.");
    }
}
