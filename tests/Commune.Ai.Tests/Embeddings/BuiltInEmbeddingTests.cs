using System.Security.Cryptography;
using Commune.Ai.Embeddings;

namespace Commune.Ai.Tests.Embeddings;

public sealed class BuiltInEmbeddingTests
{
    private static readonly BuiltInEmbedding Embedding = BuiltInEmbedding.Shared;

    [Theory]
    [InlineData("I want my money back", "Please refund the order", "The meeting moved to Friday")]
    [InlineData("Where is my parcel?", "The shipment has not arrived yet", "Congratulations on your new job")]
    [InlineData("The app crashes when I open it", "Your software keeps freezing on start-up", "Our hotel has a lovely breakfast")]
    [InlineData("I cannot sign in", "My password is rejected and the account is locked", "The invoice is overdue")]
    [InlineData("Could we talk another day instead?", "I need to reschedule our call", "The parcel was damaged")]
    [InlineData("She handed in her notice", "I am resigning, my last day is in May", "The server is down again")]
    [InlineData("The bill has not been settled", "Your invoice is overdue, please pay", "Join us for the summer party")]
    [InlineData("Please stop my plan", "Cancel the subscription before it renews", "The doctor can see you on Monday")]
    [InlineData("You charged me twice", "The same amount was taken from my card two times", "Where can I park the car?")]
    [InlineData("The glass came in pieces", "My order was damaged when it arrived", "We have moved to a new office")]
    [InlineData("Do you have vacancies?", "I would like to apply for a job in your company", "The flight is delayed by two hours")]
    [InlineData("How much would fifty cost?", "Please send me a quote for a larger quantity", "My daughter is ill and stays at home")]
    [InlineData("Our site is not reachable", "There was an outage of the web service", "Thanks for the flowers")]
    [InlineData("Erase everything you hold about me", "I ask for deletion of my personal data under the GDPR", "The new menu starts in June")]
    [InlineData("I am off sick", "I have a fever and will not come to work today", "Please find the quote attached")]
    [InlineData("My suitcase is lost", "The airline did not deliver our luggage", "Please sign the contract")]
    [InlineData("The heating does not work", "There is no hot water in the flat since the boiler broke", "Your visa was approved")]
    [InlineData("We book a room for two nights", "Hotel reservation with breakfast from 3 to 5 June", "The code review is done")]
    [InlineData("I was hit by another car", "Insurance claim after a road accident", "The newsletter comes out on Monday")]
    [InlineData("This mail looks like a scam", "Someone tries to phish our passwords with a fake link", "Your salary will rise in May")]
    [InlineData("I will see my lawyer", "We shall take legal action in court", "The cake was delicious")]
    [InlineData("Can I get a lower price?", "Would you give us a discount?", "The printer is out of paper")]
    [InlineData("He passed away on Sunday", "The funeral of our colleague is next week", "Release notes of version five")]
    [InlineData("Your people were rude to me", "I complain about the terrible way that staff treated me", "Train tickets for Tuesday")]
    [InlineData("It would be nice to have a dark theme", "Feature request: please add a night mode", "Rent is due on the first")]
    [InlineData("We close our investment round", "Raising capital from venture investors", "The cat needs a vet")]
    [InlineData("Please connect our shop with your API", "How do developers integrate with the endpoints?", "Wedding in September")]
    [InlineData("The pupil forgot her homework", "A message from school about your child", "Customs cleared the container")]
    [InlineData("We are hiring an engineer", "Open position for a software developer", "The oven is broken")]
    [InlineData("I got the wrong size", "You sent another article than the one that I ordered", "Minutes of the board")]
    [InlineData("Take me off your list", "Unsubscribe me from the newsletter", "Dinner on Saturday?")]
    [InlineData("Somebody used my card", "A fraudulent transaction on my bank account", "The lecture begins at nine")]
    [InlineData("When will it be in stock again?", "The item is sold out at the moment", "Your results from the laboratory")]
    [InlineData("I need the money for my train ticket from the trip", "Expense report with travel receipts", "The garden is in bloom")]
    public void What_means_the_same_lies_nearer_than_what_does_not(string text, string paraphrase, string other)
    {
        var near = Likeness(text, paraphrase);
        Assert.True(near > Likeness(text, other), $"\"{text}\" is nearer to \"{other}\".");
        Assert.True(near > Likeness(paraphrase, other), $"\"{paraphrase}\" is nearer to \"{other}\".");
    }

    [Theory]
    [InlineData("The shipmment has not arrived", "The shipment has not arrived")]
    [InlineData("Please send the invocie again", "Please send the invoice again")]
    [InlineData("I forgot my pasword", "I forgot my password")]
    [InlineData("I never recieved it", "I never received it")]
    public void A_letter_too_many_or_missing_from_a_pair_or_swapped_changes_nothing(string slip, string text) => Assert.Equal(Vector(text), Vector(slip));

    [Theory]
    [InlineData("refumded", "refunded", "delivery")]
    [InlineData("delivary", "delivery", "interview")]
    [InlineData("subscribtion", "subscription", "hospital")]
    public void Another_slip_is_told_by_the_pieces_of_the_word(string slip, string word, string other)
    {
        Assert.Equal(new WordCoverage(2, 1), Embedding.Embed("the " + slip, new sbyte[Embedding.Dimensions]));
        Assert.True(Likeness("the " + slip, word) > Likeness("the", word));
        Assert.True(Likeness("the " + slip, word) > Likeness("the " + slip, other));
    }

    [Fact]
    public void A_word_with_a_slip_is_no_known_word() =>
        Assert.Equal(new WordCoverage(4, 3), Embedding.Embed("where is my shipmment", new sbyte[Embedding.Dimensions]));

    [Theory]
    [InlineData("Где моя посылка? Я жду уже две недели.")]
    [InlineData("Rahani ei ole veel tagastatud, palun vastake kiiresti.")]
    public void Of_a_language_that_it_does_not_know_little_is_known(string text)
    {
        var coverage = Embedding.Embed(text, new sbyte[Embedding.Dimensions]);
        Assert.InRange(coverage.Known, 0, (coverage.Words - 1) / 2);
    }

    [Fact]
    public void Of_everyday_English_all_is_known()
    {
        var coverage = Embedding.Embed("Hello, I still haven't got the refund for my broken kettle. Could you look into it, please?", new sbyte[Embedding.Dimensions]);
        Assert.Equal(new WordCoverage(18, 18), coverage);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   \r\n")]
    [InlineData("12345 67890")]
    [InlineData("囍")]
    [InlineData("zzxqjkwv")]
    public void Where_no_word_is_known_the_vector_is_zero(string text)
    {
        var vector = new sbyte[Embedding.Dimensions];
        Array.Fill(vector, (sbyte)7);
        var coverage = Embedding.Embed(text, vector);
        Assert.Equal(0, coverage.Known);
        Assert.All(vector, component => Assert.Equal(0, component));
    }

    [Fact]
    public void A_vector_is_a_unit_times_127()
    {
        var vector = Vector("Where is my parcel?");
        Assert.InRange(Math.Sqrt(vector.Sum(component => component * component)), 123, 131);
    }

    [Fact]
    public void A_vector_of_another_size_is_refused() =>
        Assert.Throws<ArgumentException>(() => Embedding.Embed("text", new sbyte[Embedding.Dimensions + 1]));

    [Fact]
    public void The_same_text_has_the_same_vector_on_every_thread()
    {
        const string text = "Where is my parcel? It can't be lost again, Mr Featherstonehaugh-Smythe.";
        var vector = Vector(text);
        Parallel.For(0, 200, _ => Assert.Equal(vector, Vector(text)));
    }

    [Fact]
    public void Case_accents_and_punctuation_do_not_count() =>
        Assert.Equal(Vector("Can't reach the café"), Vector("CAN’T -- reach, the \"cafe\"!"));

    [Fact]
    public void Embedding_allocates_nothing()
    {
        var text = string.Concat(Enumerable.Repeat("The parcel with the nummber A-17 is still missing, and Mr Wojciechowski can't wait any longer. ", 40));
        var vector = new sbyte[Embedding.Dimensions];
        Embedding.Embed(text, vector);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Embedding.Embed(text, vector);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Only_the_first_words_of_a_huge_text_are_read()
    {
        var text = string.Concat(Enumerable.Repeat("refund the parcel ", 120_000));
        var coverage = Embedding.Embed(text, new sbyte[Embedding.Dimensions]);
        Assert.Equal(new WordCoverage(4096, 4096), coverage);
    }

    [Fact]
    public void Two_megabytes_without_an_end_of_a_word_are_one_word()
    {
        var coverage = Embedding.Embed(new string('q', 2_000_000), new sbyte[Embedding.Dimensions]);
        Assert.Equal(new WordCoverage(1, 0), coverage);
    }

    [Fact]
    public void Any_characters_give_a_vector_or_none()
    {
        var random = new Random(3);
        var vector = new sbyte[Embedding.Dimensions];
        for (var round = 0; round < 500; round++)
        {
            var text = new char[random.Next(3_000)];
            foreach (ref var c in text.AsSpan())
                c = random.Next(4) == 0 ? (char)random.Next(0x10000) : "the refund isn't there’\uD83D\uDE00"[random.Next(24)];
            var coverage = Embedding.Embed(text, vector);
            Assert.InRange(coverage.Known, 0, coverage.Words);
            Assert.InRange(Math.Sqrt(vector.Sum(component => component * component)), coverage.Known > 0 ? 120 : 0, coverage.Known > 0 ? 134 : 0);
        }
    }

    [Fact]
    public void The_table_is_the_one_that_the_training_wrote()
    {
        using var table = typeof(BuiltInEmbedding).Assembly.GetManifestResourceStream(EmbeddingTable.ResourceName)!;
        Assert.InRange(table.Length, 1, 8 << 20);
        var checksum = Convert.ToHexStringLower(SHA256.HashData(table));
        Assert.StartsWith(checksum, File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "english-words.bin.sha256")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_model_is_named_after_its_table() =>
        Assert.Matches($"^commune-words-{Embedding.Dimensions}-[0-9a-f]{{16}}-[0-9a-f]{{8}}$", Embedding.ModelId);

    private static double Likeness(string one, string other)
    {
        var (left, right) = (Vector(one), Vector(other));
        var product = left.Zip(right, (a, b) => a * b).Sum();
        return product / Math.Sqrt((double)left.Sum(a => a * a) * right.Sum(b => b * b));
    }

    private static sbyte[] Vector(string text)
    {
        var vector = new sbyte[Embedding.Dimensions];
        Embedding.Embed(text, vector);
        return vector;
    }
}
