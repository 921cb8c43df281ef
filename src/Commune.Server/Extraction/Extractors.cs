using Commune.Ai.Extraction;
using Commune.Ai.Extraction.Builtin;
using Commune.Ai.Models;

namespace Commune.Server.Extraction;

/// <summary>The extractor that the settings name.</summary>
internal static class Extractors
{
    public static IExtractor Open(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<ExtractionOptions>();
        return options.Provider switch
        {
            _ when options.UsesModel => OpenModel(options, provider),
            ExtractionOptions.Builtin => new BuiltinExtractor(),
            _ => new NoExtractor(),
        };
    }

    private static ModelExtraction OpenModel(ExtractionOptions options, IServiceProvider provider)
    {
        var settings = new ModelSettings
        {
            Provider = options.Provider switch { "azure" => ModelProvider.Azure, "ollama" => ModelProvider.Ollama, _ => ModelProvider.OpenAi },
            Endpoint = new Uri(options.Endpoint ?? (options.Provider == "ollama" ? "http://localhost:11434" : "https://api.openai.com/v1")),
            Model = options.Model!,
            ApiKey = options.ApiKey,
            Timeout = options.TimeLimit,
        };
        var client = new ModelClient(settings, provider.GetRequiredService<DailyTokens>(), provider.GetRequiredService<TimeProvider>());
        return new ModelExtraction(new HttpChatModel(client), options.Provider);
    }
}
