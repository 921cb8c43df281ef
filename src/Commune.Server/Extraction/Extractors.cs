using Commune.Ai.Extraction;
using Commune.Ai.Extraction.Builtin;
using Commune.Ai.Models;
using Commune.Server.Hosting;
using Commune.Storage;

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
        var time = provider.GetRequiredService<TimeProvider>();
        var budget = DailyTokens.For(ModelWork.Extraction, options.DailyTokens, provider.GetRequiredService<IStore>(), time);
        var client = new ModelClient(options.Settings(options.TimeLimit), budget, time);
        return new ModelExtraction(new HttpChatModel(client), options.Provider);
    }
}
