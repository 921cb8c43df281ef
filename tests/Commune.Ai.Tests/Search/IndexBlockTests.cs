using System.Text;
using Commune.Ai.Search;

namespace Commune.Ai.Tests.Search;

public sealed class IndexBlockTests
{
    [Fact]
    public void Terms_come_back_in_the_order_of_their_bytes_with_their_counts()
    {
        var builder = new DocumentTermsBuilder();
        builder.Add("refund the refunds of order A-17");
        builder.Add(SearchField.From, "kim");
        var read = new List<(string Term, int Count)>();
        DocumentTerms.Read(builder.ToArray(), (term, count) => read.Add((Encoding.UTF8.GetString(term), count)));
        Assert.Equal(read.OrderBy(static found => found.Term, StringComparer.Ordinal), read);
        Assert.Contains(("refund", 2), read);
        Assert.Contains(("a17", 1), read);
        Assert.Contains(("\u0001kim", 1), read);
        Assert.DoesNotContain(read, static found => found.Term == "kim");
        Assert.Equal(7, builder.Length);
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
