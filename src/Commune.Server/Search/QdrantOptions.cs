using Commune.Server.Hosting;

namespace Commune.Server.Search;

/// <summary>Section <c>Commune:Search:Qdrant</c> (docs/operating.md): a search engine for the vectors of a provider's model.</summary>
public sealed class QdrantOptions
{
    /// <summary>Of its REST API, such as <c>http://localhost:6333</c>; null compares vectors in memory.</summary>
    public string? Url { get; set; }
    public string? ApiKey { get; set; }

    /// <summary>Names of collections begin with it.</summary>
    public string CollectionPrefix { get; set; } = "commune";

    /// <summary>For one query; without an answer by then vectors are compared in memory.</summary>
    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromSeconds(1);

    public bool IsUsed => Url is not null;

    /// <exception cref="SettingException">Names the setting and what is expected.</exception>
    public void Check()
    {
        if (Url is not null && !(Uri.TryCreate(Url, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
            throw new SettingException($"Commune:Search:Qdrant:Url: \"{Url}\" is not an http or https URL, such as http://localhost:6333.");
        if (CollectionPrefix.Length is 0 or > 60 || !CollectionPrefix.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
            throw new SettingException("Commune:Search:Qdrant:CollectionPrefix: it is 1 to 60 letters, digits, _ or -.");
        if (TimeLimit <= TimeSpan.Zero || TimeLimit > TimeSpan.FromMinutes(1))
            throw new SettingException("Commune:Search:Qdrant:TimeLimit: it is a positive time of a minute at most.");
    }
}
