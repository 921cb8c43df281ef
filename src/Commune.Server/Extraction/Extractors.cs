using Commune.Ai.Extraction;

namespace Commune.Server.Extraction;

/// <summary>The extractor that the settings name.</summary>
internal static class Extractors
{
    public static IExtractor Open(IServiceProvider provider) => provider.GetRequiredService<ExtractionOptions>().Provider switch
    {
        _ => new NoExtractor(),
    };
}
