using Commune.Ai.Embeddings;
using Commune.Ai.Languages;

namespace Commune.Ai.Tests.Languages;

public sealed class LanguageGuessTests
{
    [Theory]
    [InlineData("Guten Tag, wir haben die Ware noch nicht bekommen und bitten um eine Antwort.", "de")]
    [InlineData("Bonjour, nous n'avons pas encore reçu le matériel que vous avez envoyé.", "fr")]
    [InlineData("Hola, todavía no hemos recibido la mercancía que nos enviaron.", "es")]
    [InlineData("Buongiorno, non abbiamo ancora ricevuto la merce che ci avete spedito.", "it")]
    [InlineData("Olá, ainda não recebemos a mercadoria que vocês enviaram.", "pt")]
    [InlineData("Hallo, wij hebben de goederen die u heeft gestuurd nog niet ontvangen.", "nl")]
    [InlineData("Dzień dobry, jeszcze nie otrzymaliśmy towaru, który został wysłany.", "pl")]
    [InlineData("Hello, we have not received the goods that you have sent us.", null)]
    [InlineData("Här är varorna som ni har beställt", null)]
    [InlineData("", null)]
    public void Frequent_words_tell_the_language(string text, string? code) => Assert.Equal(code, LanguageGuess.Of(text).Language?.Code);

    [Theory]
    [InlineData("Rechnung bezahlen", "de")]
    [InlineData("remboursement colis", "fr")]
    [InlineData("rimborso ordine", "it")]
    [InlineData("was ist mit der Heizung", "de")]
    [InlineData("car repair brake pads", null)]
    [InlineData("over ten per cent", null)]
    [InlineData("refumd for the shipmment", null)]
    [InlineData("Wojciechowski", null)]
    [InlineData("A-17", null)]
    public void A_few_words_are_of_the_language_that_knows_most_of_them(string text, string? code) =>
        Assert.Equal(code, BuiltInEmbedding.Shared.LanguageOf(text).Language?.Code);

    [Fact]
    public void Every_ending_leaves_a_stem() =>
        Assert.All(KnownLanguages.All, static language => Assert.All(language.StopWords, word => Assert.InRange(language.Stem(word), Math.Min(4, word.Length), word.Length)));
}
