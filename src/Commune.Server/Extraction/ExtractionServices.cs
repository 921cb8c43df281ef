using Commune.Server.Hosting;
using Commune.Server.Jobs;
using Commune.Storage;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Commune.Server.Extraction;

/// <summary>Data out of mail.</summary>
internal static class ExtractionServices
{
    public static void AddExtraction(this IServiceCollection services, CommuneOptions options)
    {
        services.AddSingleton(options.Extraction);
        // A test may have put its own there.
        services.TryAddSingleton(Extractors.Open);
        services.AddSingleton<ReadBySchema>();
        services.AddSingleton<ExtractArrival>();
        services.AddSingleton<BackfillInbox>();
        if (options.HasRole("worker"))
        {
            var places = options.Extraction.Concurrency;
            services.AddLane(provider => new JobLane(JobKind.Extract, places, Math.Max(1, places / 4), provider.GetRequiredService<ExtractArrival>().RunAsync));
            services.AddLane(static provider => new JobLane(JobKind.ExtractBackfill, 2, 1, provider.GetRequiredService<BackfillInbox>().RunAsync));
        }
    }
}
