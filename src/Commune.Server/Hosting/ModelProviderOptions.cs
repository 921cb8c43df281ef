using Commune.Ai.Models;

namespace Commune.Server.Hosting;

/// <summary>Which model does a kind of work, and where it is.</summary>
public abstract class ModelProviderOptions
{
    public const string Builtin = "builtin";
    public const string None = "none";

    /// <summary><c>builtin</c>, <c>openai</c>, <c>azure</c>, <c>ollama</c> or <c>none</c>.</summary>
    public string Provider { get; set; } = Builtin;

    /// <summary>Base URL of the provider's API; the provider's own when null.</summary>
    public string? Endpoint { get; set; }
    public string? ApiKey { get; set; }
    public string? Model { get; set; }

    public bool UsesModel => Provider is not (Builtin or None);

    /// <param name="section">Below <c>Commune</c>.</param>
    /// <exception cref="SettingException">Names the setting and what is expected.</exception>
    protected void CheckProvider(string section)
    {
        if (Provider is not (Builtin or None or "openai" or "azure" or "ollama"))
            throw new SettingException($"Commune:{section}:Provider: \"{Provider}\" is not builtin, openai, azure, ollama or none.");
        if (Endpoint is not null && !(Uri.TryCreate(Endpoint, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
            throw new SettingException($"Commune:{section}:Endpoint: \"{Endpoint}\" is not an http or https URL.");
        if (UsesModel && string.IsNullOrWhiteSpace(Model))
            throw new SettingException($"Commune:{section}:Model: with the provider {Provider} it names the model to ask.");
        if (Provider == "azure" && Endpoint is null)
            throw new SettingException($"Commune:{section}:Endpoint: with the provider azure it is the URL of your resource, such as https://name.openai.azure.com.");
    }

    /// <summary>What its client is given; there is a provider.</summary>
    internal ModelSettings Settings(TimeSpan timeout) => new()
    {
        Provider = Provider switch { "azure" => ModelProvider.Azure, "ollama" => ModelProvider.Ollama, _ => ModelProvider.OpenAi },
        Endpoint = new Uri(Endpoint ?? (Provider == "ollama" ? "http://localhost:11434" : "https://api.openai.com/v1")),
        Model = Model!,
        ApiKey = ApiKey,
        Timeout = timeout,
    };
}
