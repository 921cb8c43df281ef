using System.Text;
using Commune.Ai.Embeddings;
using Commune.Ai.Search;

namespace Commune.Ai.Tests.Search;

public sealed class IndexBlockTests
{
    [Fact]
    public void Terms_come_back_with_their_counts()
    {
        var builder = new DocumentTermsBuilder();
        builder.Add("refund the refunds of order A-17");
        builder.Add(SearchField.From, "kim");
        var read = new List<(string Term, int Count)>();
        DocumentTerms.Read(builder.ToArray(), (term, count) => read.Add((Encoding.UTF8.GetString(term), count)));
        Assert.Equal(read.DistinctBy(static found => found.Term, StringComparer.Ordinal), read);
        Assert.Contains(("refund", 2), read);
        Assert.Contains(("a17", 1), read);
        Assert.Contains(("\u0001kim", 1), read);
        Assert.DoesNotContain(read, static found => found.Term == "kim");
        Assert.Equal(7, builder.Length);
    }

    [Fact]
    public void A_text_that_is_read_once_has_the_terms_and_the_vector_of_one_that_is_read_twice()
    {
        const string Alphabet = "the refund isn't of order-17 HTTPS://x.example/lamp?a naïve Straße (e-mail) kims' won't 荷物 electromagnetically \u200B\u0301’.,;:/@'\n";
        var random = new Random(11);
        for (var round = 0; round < 400; round++)
        {
            var letters = new StringBuilder();
            while (letters.Length < 400)
            {
                var from = random.Next(Alphabet.Length - 12);
                letters.Append(Alphabet, from, random.Next(1, 12)).Append(' ', random.Next(2));
            }
            var text = letters.ToString();
            var upTo = random.Next(2) == 0 ? text.Length : text.LastIndexOf(' ', random.Next(100, text.Length)) + 1;
            using var once = new DocumentTermsBuilder(text);
            using var twice = new DocumentTermsBuilder(text);
            once.AddWithMeaning(text, upTo);
            twice.Add(text);
            twice.AddMeaning(text.AsSpan(0, upTo));
            Assert.Equal(TermsOf(twice), TermsOf(once));
            Assert.Equal(twice.Length, once.Length);
            if (upTo < text.Length)
                continue;
            var vector = new sbyte[BuiltInEmbedding.Shared.Dimensions];
            var coverage = BuiltInEmbedding.Shared.Embed(text, vector);
            Assert.Equal(coverage.IsEnough ? vector : [], twice.ToVector());
            Assert.All(twice.ToVector().Zip(once.ToVector()), static pair => Assert.InRange(pair.First - pair.Second, -1, 1));
            Assert.Equal(twice.ToVector().Length, once.ToVector().Length);
        }

        static IEnumerable<(string, int)> TermsOf(DocumentTermsBuilder builder)
        {
            var read = new List<(string Term, int Count)>();
            DocumentTerms.Read(builder.ToArray(), (term, count) => read.Add((Encoding.UTF8.GetString(term), count)));
            return read.OrderBy(static found => found.Term, StringComparer.Ordinal);
        }
    }

    [Theory]
    [InlineData("Die Waschmaschine ist kaputt, und die Rechnungsnummer A-17 fehlt. Können Sie den Betrag überweisen? Wojciechowski wartet.")]
    [InlineData("Je n'ai pas reçu le colis, et l'abonnement n'est pas annulé. Merci d'écrire à kim@example.com.")]
    [InlineData("先週注文した商品の返金をお願いします。A-17の荷物が壊れていました。")]
    [InlineData("我想取消订单并申请退款")]
    public void A_text_in_another_language_has_the_vector_that_its_embedding_has(string text)
    {
        var vector = new sbyte[BuiltInEmbedding.Shared.Dimensions];
        Assert.False(BuiltInEmbedding.Shared.Embed(text, vector).IsEnglish);
        using var builder = new DocumentTermsBuilder(text);
        builder.AddWithMeaning(text, text.Length);
        Assert.Equal(vector, builder.ToVector());
    }

    [Fact]
    public void The_memory_of_one_message_is_used_for_the_next()
    {
        var text = string.Concat(Enumerable.Range(0, 300).Select(static i => $"the parcel number{i} is late "));
        Build();
        Build();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var bytes = Build();
        // The builder and what it gives.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, bytes, bytes + 300);

        int Build()
        {
            using var builder = new DocumentTermsBuilder(text);
            builder.AddWithMeaning(text, text.Length);
            return builder.ToArray().Length + builder.ToVector().Length;
        }
    }

    [Fact]
    public void A_broken_block_gives_what_is_readable_and_no_exception()
    {
        var builder = new DocumentTermsBuilder();
        builder.Add("one two three four five six");
        var block = builder.ToArray();
        var random = new Random(3);
        for (var i = 0; i < 5000; i++)
        {
            var broken = block[..random.Next(block.Length + 1)];
            for (var j = 0; j < 3 && broken.Length > 0; j++)
                broken[random.Next(broken.Length)] = (byte)random.Next(256);
            DocumentTerms.Read(broken, static (_, _) => { });
            Postings.Read(broken, new uint[64], new ushort[64]);
        }
    }

    [Fact]
    public void Postings_come_back_as_they_were_written()
    {
        var random = new Random(5);
        var writer = new PostingsWriter();
        var document = 0u;
        var written = new List<(uint, ushort)>();
        for (var i = 0; i < 10_000; i++)
        {
            document += (uint)random.Next(1, i % 100 == 0 ? 1_000_000 : 20);
            var count = (ushort)(random.Next(4) == 0 ? random.Next(2, 300) : 1);
            writer.Add(document, count);
            written.Add((document, count));
        }
        var (documents, counts) = (new uint[written.Count], new ushort[written.Count]);
        Assert.Equal(written.Count, Postings.Read(writer.Bytes, documents, counts));
        Assert.Equal(written, documents.Zip(counts));
        Assert.InRange(writer.Bytes.Length, written.Count, written.Count * 3);
    }

    [Fact]
    public void Postings_that_are_appended_are_those_that_would_have_been_added()
    {
        var random = new Random(6);
        var (whole, joined) = (new PostingsWriter(), new PostingsWriter());
        var document = 0u;
        for (var piece = 0; piece < 50; piece++)
        {
            var part = new PostingsWriter();
            for (var i = random.Next(1, 40); i > 0; i--)
            {
                document += (uint)random.Next(1, piece % 10 == 0 ? 1_000_000 : 20);
                var count = random.Next(3) == 0 ? random.Next(2, 300) : 1;
                part.Add(document, count);
                whole.Add(document, count);
            }
            joined.Append(part.Bytes);
        }
        Assert.Equal(whole.Bytes, joined.Bytes);
        Assert.Equal(whole.Count, joined.Count);
        joined.Add(document + 7, 2);
        whole.Add(document + 7, 2);
        Assert.Equal(whole.Bytes, joined.Bytes);
    }

    [Fact]
    public void The_fast_cosine_is_the_plain_one()
    {
        var random = new Random(7);
        foreach (var dimensions in (int[])[1, 15, 16, 31, 128, 200, 384])
        {
            var (left, right) = (new sbyte[dimensions], new sbyte[dimensions]);
            for (var i = 0; i < dimensions; i++)
                (left[i], right[i]) = ((sbyte)random.Next(-127, 128), (sbyte)random.Next(-127, 128));
            var plain = left.Zip(right, static (l, r) => l * r).Sum() / (127f * 127f);
            Assert.Equal(plain, new Similarity(left).To(right), 5);
        }
        Assert.Throws<ArgumentException>(() => new Similarity(new sbyte[4]).To(new sbyte[5]));
    }
}
