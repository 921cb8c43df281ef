using BenchmarkDotNet.Attributes;
using Commune.Ai.Search;

namespace Commune.Benchmarks;

/// <summary>
/// What the index keeps of a mail, its terms and its vector, made in one reading of its text of 7 KB, as a mail of 20 KB has. Aim: 50 µs, and nothing
/// allocated but what is kept.
/// </summary>
[MemoryDiagnoser]
public class SearchEntryBenchmark
{
    private const string Text =
        """
        Hello, I ordered a kettle three weeks ago and it still has not arrived. The tracking page of the courier says that it is in transit
        since Tuesday, and nobody answers the phone. If it does not come by Friday, please cancel the order and refund the money to my card.
        The invoice number is INV-2026/117, and the parcel number is on the label that you sent me with the confirmation of the order.

        """;

    private readonly string mail = string.Concat(Enumerable.Repeat(Text, 18));

    [Benchmark]
    public int TermsAndVector()
    {
        using var terms = new DocumentTermsBuilder(mail);
        terms.AddWithMeaning(mail, mail.Length);
        return terms.ToArray().Length + terms.ToVector().Length;
    }

    [Benchmark]
    public int TermsAlone()
    {
        using var terms = new DocumentTermsBuilder();
        terms.Add(mail);
        return terms.ToArray().Length;
    }
}
