using Commune.Ai.Embeddings;

namespace Commune.Ai.Tests.Embeddings;

public sealed class EnglishWordReaderTests
{
    [Theory]
    [InlineData("The parcel never came.", "the parcel never came")]
    [InlineData("Can't, won't, shan't; doesn't!", "can not will not shall not does not")]
    [InlineData("It's what we've said: I'm late, they're not, he'd go, you'll see", "it what we said i late they not he go you see")]
    [InlineData("It’s the customer’s", "it the customer")]
    [InlineData("six o'clock at O'Brien's", "six o clock at o brien")]
    [InlineData("'quoted' and dogs' tails", "quoted and dogs tails")]
    [InlineData("Café Müller, naïve façade, Zoë, Łódź, Straße", "cafe muller naive facade zoe lodz strase")]
    [InlineData("cafe\u0301 re\u00ADfund par\u200Bcel", "cafe refund parcel")]
    [InlineData("ＡＢＣ ｄｅｆ", "abc def")]
    [InlineData("order 1234 of 5 items, B2B", "order of items b b")]
    [InlineData("see https://example.com/a/b?c=d for more", "see for more")]
    [InlineData("<https://example.com/a>more", "more")]
    [InlineData("https://example.com", "")]
    [InlineData("http: no address", "http no address")]
    [InlineData("sign-up e-mail", "sign up e mail")]
    [InlineData("don'", "don")]
    [InlineData("n't", "n t")]
    [InlineData("", "")]
    public void Words_are_lower_case_and_plain(string text, string words) => Assert.Equal(words, string.Join(' ', Words(text)));

    [Theory]
    [InlineData("Где моя посылка", 3)]
    [InlineData("荷物が届きません", 1)]
    [InlineData("API の キー", 3)]
    public void Words_of_other_scripts_are_counted_but_not_spelt(string text, int words)
    {
        var read = Words(text);
        Assert.Equal(words, read.Count);
        Assert.Contains(read, word => word.Length == 0);
    }

    [Fact]
    public void A_word_longer_than_any_is_counted_but_not_spelt() =>
        Assert.Equal(["", "end"], Words(new string('x', 1_000_000) + " end"));

    [Fact]
    public void Half_a_surrogate_pair_ends_a_word() => Assert.Equal(["a", "b"], Words("a\uD83Db\uDE00"));

    [Fact]
    public void Any_characters_are_read_in_bounded_words()
    {
        var random = new Random(11);
        for (var round = 0; round < 300; round++)
        {
            var text = new char[random.Next(2_000)];
            foreach (ref var c in text.AsSpan())
                c = random.Next(3) == 0 ? (char)random.Next(0x10000) : "can't won't’ \u00AD://"[random.Next(17)];
            var words = Words(text);
            Assert.InRange(words.Count, 0, 2 * text.Length);
            Assert.All(words, word => Assert.True(word.All(char.IsAsciiLetterLower) && word.Length <= PorterStemmer.LongestWord));
        }
    }

    private static List<string> Words(ReadOnlySpan<char> text)
    {
        var words = new List<string>();
        var reader = new EnglishWordReader(text, stackalloc char[PorterStemmer.LongestWord]);
        while (reader.Read())
            words.Add(reader.Word.ToString());
        return words;
    }
}
