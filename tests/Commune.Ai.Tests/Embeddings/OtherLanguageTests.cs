using Commune.Ai.Embeddings;

namespace Commune.Ai.Tests.Embeddings;

public sealed class OtherLanguageTests
{
    private static readonly BuiltInEmbedding Embedding = BuiltInEmbedding.Shared;

    [Theory]
    [InlineData("Ich möchte mein Geld zurück, bitte erstatten Sie den Betrag", "Please refund my money", "The meeting was moved to Friday")]
    [InlineData("Die Waschmaschine ist kaputt und muss repariert werden", "The appliance is broken and needs repair", "We invite you to our wedding")]
    [InlineData("Wir haben die Rechnungen noch nicht bezahlt", "The invoice has not been paid", "The dog needs a vet")]
    [InlineData("Die Versicherungsnummer fehlt", "insurance number missing", "Dinner at the restaurant")]
    [InlineData("Notre réunion est reportée à jeudi", "The meeting is postponed to Thursday", "The parcel was damaged")]
    [InlineData("Je voudrais annuler mon abonnement", "Cancel my subscription", "The teacher gave homework")]
    [InlineData("El paquete llegó roto", "The parcel arrived damaged", "Please sign the contract")]
    [InlineData("Vorrei prenotare una camera per due notti", "I would like to book a hotel room", "The password does not work")]
    [InlineData("Perdi minha carteira no ônibus", "I lost my wallet on the bus", "The invoice is overdue")]
    [InlineData("Ik kan niet inloggen, mijn wachtwoord werkt niet", "I cannot sign in with my password", "The flight was cancelled")]
    [InlineData("Proszę o zwrot pieniędzy za uszkodzony towar", "Please refund the damaged goods", "Happy birthday to you")]
    [InlineData("荷物がまだ届いていません。返金してください。", "The parcel has not arrived, please refund", "The job interview is on Monday")]
    [InlineData("我想取消订单并申请退款", "I want to cancel the order and get a refund", "The doctor is in the hospital")]
    public void A_text_lies_nearer_to_what_it_means_in_English_than_to_something_else(string text, string english, string other)
    {
        Assert.True(Embedding.Embed(text, new sbyte[Embedding.Dimensions]).IsEnough);
        Assert.True(Product(text, english) > Product(text, other));
    }

    [Theory]
    [InlineData("Wo bleibt mein Paket?", "Die Sendung ist noch nicht angekommen", "Mein Zahnarzt hat keinen Termin frei")]
    [InlineData("Où est mon colis ?", "La livraison est en retard", "Le professeur est malade")]
    public void What_means_the_same_in_one_language_lies_nearer_than_what_does_not(string text, string paraphrase, string other) =>
        Assert.True(Product(text, paraphrase) > Product(text, other));

    [Fact]
    public void Of_two_texts_that_mean_the_same_the_one_in_the_language_of_the_question_is_nearer() =>
        Assert.True(Product("Wo ist meine Rechnung?", "Hier ist die Rechnung") > Product("Wo ist meine Rechnung?", "Here is the invoice"));

    [Theory]
    [InlineData("lieferung rechnung", "Lieferung, Rechnung")]
    [InlineData("prélèvement", "PRELEVEMENT")]
    public void Case_accents_and_punctuation_do_not_count(string text, string other) => Assert.Equal(Vector(text), Vector(other));

    [Fact]
    public void Embedding_allocates_nothing()
    {
        var text = string.Concat(Enumerable.Repeat("Die Rechnungsnummer steht nicht auf dem Paket, das gestern bei uns ankam. Wojciechowski wartet. ", 40));
        var japanese = string.Concat(Enumerable.Repeat("荷物がまだ届いていません。返金してください。", 40));
        var vector = new sbyte[Embedding.Dimensions];
        Embedding.Embed(text, vector);
        Embedding.Embed(japanese, vector);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Embedding.Embed(text, vector);
        Embedding.Embed(japanese, vector);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void A_huge_text_is_read_in_part()
    {
        var coverage = Embedding.Embed(string.Concat(Enumerable.Repeat("und die Rechnung ", 100_000)), new sbyte[Embedding.Dimensions]);
        Assert.False(coverage.IsEnglish);
        Assert.InRange(coverage.Words, 1, 1000);
    }

    [Fact]
    public void Every_line_of_the_list_has_all_languages()
    {
        using var list = new StreamReader(typeof(BuiltInEmbedding).Assembly.GetManifestResourceStream(TranslatedWords.ResourceName)!);
        var lines = list.ReadToEnd().Split('\n').Where(static line => line.Length > 0 && line[0] != '#').ToList();
        Assert.True(lines.Count > 200);
        Assert.All(lines, static line => Assert.Equal(9, line.Split(':')[1].Split('|').Count(static words => words.Trim().Length > 0)));
    }

    private static int Product(string one, string other) => Vector(one).Zip(Vector(other), static (a, b) => a * b).Sum();

    private static sbyte[] Vector(string text)
    {
        var vector = new sbyte[Embedding.Dimensions];
        Embedding.Embed(text, vector);
        return vector;
    }
}
