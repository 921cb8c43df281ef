using System.Net.Http.Headers;
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
        var plain = await Evaluation.MakeAsync(set, new Bm25Ranking(set.Mails), CancellationToken.None);
        Console.WriteLine(plain.Table(set));

        var served = options.Url is null ? await AskOwnServerAsync(options, set) : await AskAsync(options, set);
        Console.WriteLine(served.Table(set));
        foreach (var miss in options.Keep ? served.Misses() : [])
            Console.WriteLine("  missed  " + miss);
        return 0;
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
