using BenchmarkDotNet.Attributes;
using Commune.Ai.Embeddings;

namespace Commune.Benchmarks;

/// <summary>The built-in embedding of a search query of 6 words, a mail of 60 and one of 600. Aim: some tens of microseconds for a mail, nothing allocated.</summary>
[MemoryDiagnoser]
public class EmbeddingBenchmark
{
    private const string Query = "customers who want their money back";

    private const string Mail =
        """
        Where is my order?
        Hello, I ordered a kettle three weeks ago and it still hasn't arrived. The tracking page of the courier says "in transit"
        since Tuesday, and your hotline can't tell me anything either. If it doesn't come by Friday, please cancel the order and
        refund the 84.90 to my card. Best regards, Mr Featherstonehaugh-Wojciechowski
        """;

    private readonly string _longMail = string.Join('\n', Enumerable.Repeat(Mail, 10));
    private readonly sbyte[] _vector = new sbyte[BuiltInEmbedding.Shared.Dimensions];

    [Benchmark]
    public WordCoverage EmbedQuery() => BuiltInEmbedding.Shared.Embed(Query, _vector);

    [Benchmark]
    public WordCoverage EmbedMail() => BuiltInEmbedding.Shared.Embed(Mail, _vector);

    [Benchmark]
    public WordCoverage EmbedLongMail() => BuiltInEmbedding.Shared.Embed(_longMail, _vector);
}
