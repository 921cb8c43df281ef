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
        var client = new ModelClient(options.Settings(options.TimeLimit), provider.GetRequiredService<DailyTokens>(), provider.GetRequiredService<TimeProvider>());
        return new ModelExtraction(new HttpChatModel(client), options.Provider);
    }
}
