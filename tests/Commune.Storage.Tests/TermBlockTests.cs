namespace Commune.Storage.Tests;

public sealed class TermBlockTests
{
    [Fact]
    public void A_term_without_others_has_all_postings_of_its_block()
    {
        var entries = new TermEntries("word"u8, 7, [], stackalloc byte[TermEntries.LongestTerm]);
        Assert.True(entries.Find("word"u8));
        Assert.Equal((7, 0, -1), (entries.Documents, entries.Start, entries.Length));
        Assert.False(entries.Read());
    }

    [Fact]
    public void A_broken_block_gives_what_is_readable_and_no_exception()
    {
        var writer = new TermBlockWriter();
        foreach (var term in (string[])["alpha", "alphabet", "beta", "gamma", "gammas"])
            writer.Add(System.Text.Encoding.UTF8.GetBytes(term), 1, [1, 2, 3]);
        var block = writer.Take()!;
        var random = new Random(3);
        for (var i = 0; i < 5000; i++)
        {
            var broken = block.Others.ToArray()[..random.Next(block.Others.Length + 1)];
            for (var j = 0; j < 3 && broken.Length > 0; j++)
                broken[random.Next(broken.Length)] = (byte)random.Next(256);
            var entries = new TermEntries(block.First, block.Documents, broken, new byte[TermEntries.LongestTerm]);
            var terms = 0;
            while (entries.Read())
                terms++;
            Assert.InRange(terms, 1, 1 + broken.Length);
        }
    }
}
