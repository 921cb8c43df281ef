using Commune.Ai.Embeddings;

namespace Commune.Ai.Tests.Embeddings;

public sealed class PorterStemmerTests
{
    // The examples of the paper, each carried through all the steps, by the step that they illustrate.
    [Theory]
    [InlineData("caresses caress ponies ties caress cats", "caress caress poni ti caress cat")]
    [InlineData("feed agreed plastered bled motoring sing", "feed agre plaster bled motor sing")]
    [InlineData("conflated troubled sized hopping tanned falling hissing fizzed failing filing", "conflat troubl size hop tan fall hiss fizz fail file")]
    [InlineData("happy sky", "happi sky")]
    [InlineData("relational conditional rational valency hesitancy digitizer conformably", "relat condit ration valenc hesit digit conform")]
    [InlineData("radically differently vilely analogously vietnamization predication operator", "radic differ vile analog vietnam predic oper")]
    [InlineData("feudalism decisiveness hopefulness callousness formality sensitivity sensibility", "feudal decis hope callous formal sensit sensibl")]
    [InlineData("triplicate formative formalize electricity electrical hopeful goodness", "triplic form formal electr electr hope good")]
    [InlineData("revival allowance inference airliner gyroscopic adjustable defensible irritant", "reviv allow infer airlin gyroscop adjust defens irrit")]
    [InlineData("replacement adjustment dependent adoption homologous communism activate angularity effective bowdlerize", "replac adjust depend adopt homolog commun activ angular effect bowdler")]
    [InlineData("probate rate cease controlling rolling", "probat rate ceas control roll")]
    [InlineData("generalizations oscillators", "gener oscil")]
    public void The_examples_of_the_paper_come_out_as_it_says(string words, string stems) =>
        Assert.Equal(stems, string.Join(' ', words.Split(' ').Select(Stem)));

    [Theory]
    [InlineData("refund refunds refunded refunding", "refund")]
    [InlineData("invoice invoices invoiced invoicing", "invoic")]
    [InlineData("cancel cancels cancelled", "cancel")]
    [InlineData("technology technologies", "technolog")]
    [InlineData("connect connected connecting connection connections", "connect")]
    [InlineData("deliver delivers delivered delivering", "deliv")]
    public void The_forms_of_a_word_share_a_stem(string forms, string stem) =>
        Assert.All(forms.Split(' '), form => Assert.Equal(stem, Stem(form)));

    [Theory]
    [InlineData("a")]
    [InlineData("is")]
    [InlineData("as")]
    [InlineData("")]
    public void Words_of_one_or_two_letters_stay(string word) => Assert.Equal(word, Stem(word));

    [Theory]
    [InlineData("yyy", "yyi")]
    [InlineData("toys", "toi")]
    [InlineData("syzygy", "syzygi")]
    [InlineData("ion", "ion")]
    [InlineData("eing", "e")]
    [InlineData("sses", "ss")]
    public void Odd_words_pass(string word, string stem) => Assert.Equal(stem, Stem(word));

    [Fact]
    public void A_word_longer_than_any_stays()
    {
        var word = new string('a', PorterStemmer.LongestWord - 2) + "ing";
        Assert.Equal(word, Stem(word));
    }

    [Fact]
    public void A_stem_is_never_longer_than_its_word_nor_empty()
    {
        var random = new Random(7);
        string[] endings = ["", "s", "ies", "eed", "ed", "ing", "y", "ational", "logi", "bli", "ization", "ative", "ement", "ion", "e", "ll", "sses"];
        Span<char> buffer = stackalloc char[PorterStemmer.LongestWord];
        for (var i = 0; i < 100_000; i++)
        {
            var word = buffer[..random.Next(1, 9)];
            foreach (ref var letter in word)
                letter = "aeiouybcdlstwxz"[random.Next(15)];
            var ending = endings[random.Next(endings.Length)];
            ending.CopyTo(buffer[word.Length..]);
            var whole = buffer[..(word.Length + ending.Length)];
            Assert.InRange(PorterStemmer.Stem(whole), 1, whole.Length);
        }
    }

    [Fact]
    public void Stemming_allocates_nothing()
    {
        var words = "generalizations oscillators controlling hopefulness agreed happy refunds".Split(' ');
        Span<char> buffer = stackalloc char[PorterStemmer.LongestWord];
        var lengths = StemAll(words, buffer);
        var before = GC.GetAllocatedBytesForCurrentThread();
        lengths += StemAll(words, buffer);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.NotEqual(0, lengths);
    }

    private static int StemAll(string[] words, Span<char> buffer)
    {
        var lengths = 0;
        foreach (var word in words)
        {
            word.CopyTo(buffer);
            lengths += PorterStemmer.Stem(buffer[..word.Length]);
        }
        return lengths;
    }

    private static string Stem(string word)
    {
        var letters = word.ToCharArray();
        return new string(letters, 0, PorterStemmer.Stem(letters));
    }
}
