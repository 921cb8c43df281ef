using System.Net.Http.Headers;
using Commune.Ai.Models;
using Commune.Peers;
using Commune.SearchEvaluation;

namespace Commune.Load;

/// <summary>How well the program finds mails, by the set of bench/Commune.SearchEvaluation, beside a plain BM25.</summary>
internal static class SearchQuality
{
    public static async Task<int> RunAsync(LoadOptions options)
    {
        var set = EvaluationSet.Load();
        Console.WriteLine($"{set.Mails.Count} mails, {set.Queries.Count} queries\n");
        var plain = new Bm25Ranking(set.Mails);
        await PrintAsync(set, plain);
        if (options.Embeddings is not null)
            await MeasureModelAsync(options, set, plain);

        var served = options.Url is null ? await AskOwnServerAsync(options, set) : await AskAsync(options, set);
        Console.WriteLine(served.Table(set));
        foreach (var miss in options.Keep ? served.Misses() : [])
            Console.WriteLine("  missed  " + miss);
        return 0;
    }

    private static async Task PrintAsync(EvaluationSet set, IRanking ranking) =>
        Console.WriteLine((await Evaluation.MakeAsync(set, ranking, CancellationToken.None)).Table(set));

    private static async Task MeasureModelAsync(LoadOptions options, EvaluationSet set, Bm25Ranking plain)
    {
        if (options is not { Embeddings: { } provider, Endpoint: { } endpoint, Model: { } name })
            throw new LoadException("--embeddings needs --endpoint and --model.");
        var settings = new ModelSettings { Provider = provider, Endpoint = endpoint, Model = name, ApiKey = Environment.GetEnvironmentVariable("COMMUNE_MODEL_KEY") };
        using var client = new ModelClient(settings, new UnlimitedBudget(), TimeProvider.System);
        try
        {
            var vectors = await VectorRanking.MakeAsync(new HttpEmbeddingModel(client), set.Mails, CancellationToken.None);
            await PrintAsync(set, vectors);
            await PrintAsync(set, new HybridRanking(plain, vectors));
        }
        catch (InvalidOperationException error)
        {
            throw new LoadException(error.Message);
        }
    }

    private static async Task<Evaluation> AskOwnServerAsync(LoadOptions options, EvaluationSet set)
    {
        await using var home = await ServerHome.MakeAsync(options);
        // Authentication asks for the senders' records: none of them exist.
        await using var dns = new FakeDns { NegativeTtl = 3600 };
        await using var server = await ServerProcess.StartAsync(options, home, ("Commune__Dns__Servers", dns.Address));
        return await EvaluateAsync(set, new ServedSearch(server.Api, server.Smtp));
    }

    private static async Task<Evaluation> AskAsync(LoadOptions options, EvaluationSet set)
    {
        if (options is not { Key: { } key, Smtp: { } smtp })
            throw new LoadException("--url needs --smtp and --key.");
        using var api = new HttpClient { BaseAddress = options.Url };
        api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return await EvaluateAsync(set, new ServedSearch(api, smtp));
    }

    private static async Task<Evaluation> EvaluateAsync(EvaluationSet set, ServedSearch search)
    {
        foreach (var refused in await search.PostAsync(set.Mails))
            Console.WriteLine($"  not taken: {refused}");
        return await search.SettledAsync(set);
    }
}
