using Commune.Ai.Search;
using Commune.Server.Hosting;
using Commune.Server.Jobs;
using Commune.Server.Metrics;
using Commune.Storage;

namespace Commune.Server.Search;

/// <summary>The search index, its vectors and its upkeep.</summary>
internal static class SearchServices
{
    /// <summary>Organisations whose indexes are kept in order at once: it is work for a processor, not for a network.</summary>
    private const int IndexesAtOnce = 2;

    /// <summary>Organisations whose mail a provider makes vectors of at once: work of a network.</summary>
    private const int EmbeddedAtOnce = 4;

    /// <summary>Messages whose files are in hand, of which few are read at once: one claim and one commit are for several of them.</summary>
    private const int FilesInHand = 8;
    private static readonly TimeSpan FilesEvery = TimeSpan.FromMilliseconds(20);

    public static void AddSearch(this IServiceCollection services, CommuneOptions options)
    {
        services.AddSingleton<IVectorSource>(options.Embeddings.Provider == EmbeddingOptions.None ? new WordsOnly(new BuiltInVectors()) : new BuiltInVectors());
        services.AddSingleton(provider => new IndexMail(provider.GetRequiredService<IVectorSource>())
        {
            HasProvider = options.Embeddings.UsesModel,
            IsOn = options.Search.Enabled,
        });
        if (options.Embeddings.UsesModel)
        {
            services.AddSingleton(provider => new EmbeddingProvider(
                options.Embeddings, provider.GetRequiredService<IStore>(), provider.GetRequiredService<TimeProvider>()));
            services.AddSingleton<EmbedMail>();
            services.AddSingleton(static provider => new AskProvider(
                provider.GetRequiredService<IStore>(), provider.GetRequiredService<EmbeddingProvider>(), provider.GetRequiredService<VectorEngineInUse>(),
                provider.GetRequiredService<TimeProvider>()));
            if (options.HasRole("worker"))
            {
                services.AddHostedService<EmbeddingStart>();
                services.AddLane(static provider => new JobLane(JobKind.EmbedMail, EmbeddedAtOnce, 1, provider.GetRequiredService<EmbedMail>().RunAsync));
            }
        }
        services.AddSingleton<VectorEngineInUse>();
        if (options.Search.Qdrant.IsUsed)
            services.AddSingleton(provider => new Qdrant(options.Search.Qdrant, provider.GetRequiredService<TimeProvider>()));
        if (options.Search.Qdrant.IsUsed || options.MayUsePgVector)
        {
            services.AddSingleton<MirrorVectors>();
            if (options.HasRole("worker"))
            {
                services.AddHostedService<MirrorWatch>();
                services.AddLane(static provider => new JobLane(JobKind.MirrorVectors, EmbeddedAtOnce, 1, provider.GetRequiredService<MirrorVectors>().RunAsync));
            }
        }
        services.AddSingleton(provider => new SearchCache(provider.GetRequiredService<IVectorSource>(), options.Search.MemoryMegabytes * 1024L * 1024));
        services.AddSingleton(static provider => new SearchMail(
            provider.GetRequiredService<IStore>(), provider.GetRequiredService<IndexMail>(), provider.GetRequiredService<SearchCache>(),
            provider.GetRequiredService<IVectorSource>(), provider.GetRequiredService<Traffic>(), provider.GetService<AskProvider>()));
        services.AddHostedService<FollowDeletions>();
        services.AddSingleton<MergeSegments>();
        services.AddSingleton<PurgeDeleted>();
        services.AddSingleton<IndexOlderMail>();
        services.AddSingleton<IndexUpkeep>();
        services.AddSingleton<IndexAttachments>();
        if (options.HasRole("worker"))
        {
            services.AddHostedService<SearchStart>();
            services.AddLane(static provider => new JobLane(JobKind.SearchIndex, IndexesAtOnce, 1, provider.GetRequiredService<IndexUpkeep>().RunAsync));
            services.AddLane(static provider => new JobLane(JobKind.ReadAttachments, FilesInHand, FilesInHand / 2,
                provider.GetRequiredService<IndexAttachments>().RunAsync) { ClaimEvery = FilesEvery });
        }
    }
}
