using Commune.Ai.Search;

namespace Commune.Ai.Tests.Search;

public sealed class SearchQueryTests
{
    private static long Day(int year, int month, int day) => new DateTimeOffset(year, month, day, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();

    [Fact]
    public void Filters_are_taken_out_of_the_words()
    {
        var query = SearchQueryParser.Parse("from:kim@example.com has:attachment refund before:2026-02-01 after:2026-01-01T00:00:00Z status:open tag:vip to:\"Ada Lovelace\"");
        Assert.Equal("refund", query.Text);
        Assert.Equal(
            new SearchFilters("kim@example.com", "Ada Lovelace", null, Day(2026, 2, 1), Day(2026, 1, 1), "open", "vip", true), query.Filters);
        Assert.Equal("refund", Assert.Single(query.Concepts).Term);
    }

    [Theory]
    [InlineData("note: refund")]
    [InlineData("before:yesterday")]
    [InlineData("status:gone")]
    [InlineData("from:")]
    [InlineData("has:wings")]
    [InlineData("http://example.com/a")]
    [InlineData("\"open")]
    public void What_is_no_filter_is_words(string text)
    {
        var query = SearchQueryParser.Parse(text);
        Assert.True(query.Filters.IsEmpty);
        Assert.NotEmpty(query.Concepts);
        Assert.Empty(query.Phrases);
    }

    [Fact]
    public void Stop_words_count_only_in_a_query_of_nothing_else()
    {
        Assert.Equal(["parcel"], SearchQueryParser.Parse("where is my parcel").Concepts.Select(static concept => concept.Term), StringComparer.Ordinal);
        Assert.Equal(["who", "ar", "you"], SearchQueryParser.Parse("who are you").Concepts.Select(static concept => concept.Term), StringComparer.Ordinal);
    }

    [Fact]
    public void Quoted_texts_are_phrases_in_any_quotation_marks()
    {
        var query = SearchQueryParser.Parse("\"lost parcel\" “next day” refund");
        Assert.Equal(["lost parcel", "next day"], query.Phrases);
        Assert.Equal("lost parcel next day refund", query.Text);
    }

    [Fact]
    public void An_id_is_one_concept_with_its_parts()
    {
        var concept = SearchQueryParser.Parse("INV-2026/001").Concepts[0];
        Assert.Equal(("inv2026001", true), (concept.Term, concept.IsExact));
        Assert.Equal(["inv", "2026", "001"], concept.Parts);
    }

    [Theory]
    [InlineData("東京都", "東京 京都")]
    [InlineData("猫", "猫")]
    [InlineData("猫 refund", "猫 refund")]
    public void Scripts_without_spaces_are_asked_for_in_pairs(string text, string terms) =>
        Assert.Equal(terms.Split(' '), SearchQueryParser.Parse(text).Concepts.Where(static concept => !concept.IsHint).Select(static concept => concept.Term), StringComparer.Ordinal);

    [Fact]
    public void Letters_with_a_meaning_help_and_grammar_counts_little()
    {
        var concepts = SearchQueryParser.Parse("東京都の").Concepts.ToDictionary(static concept => concept.Term, StringComparer.Ordinal);
        Assert.True(concepts["東"].IsHint);
        Assert.False(concepts["東京"].IsHint);
        Assert.True(concepts["都の"].Weight < concepts["東京"].Weight);
        Assert.DoesNotContain("の", concepts.Keys, StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("wann wird mein Paket geliefert", "paket geliefert")]
    [InlineData("où est mon colis", "coli")]
    [InlineData("dónde está mi paquete", "paquet")]
    [InlineData("waar is mijn pakket", "pakket")]
    [InlineData("the die and the man", "die man")]
    public void Stop_words_are_those_of_the_language_of_the_query(string text, string terms) =>
        Assert.Equal(terms.Split(' '), SearchQueryParser.Parse(text).Concepts.Select(static concept => concept.Term), StringComparer.Ordinal);

    [Fact]
    public void Words_of_an_English_query_have_no_family() =>
        Assert.All(SearchQueryParser.Parse("where is the parcel of Wojciechowski").Concepts, static concept => Assert.Null(concept.Family));

    [Theory]
    [InlineData("die Rechnung", "rechnungen", true)]
    [InlineData("die Rechnung", "rechnungsnummer", true)]
    [InlineData("die Rechnung", "rechner", false)]
    [InlineData("was ist mit der Heizung", "heizungsventil", true)]
    [InlineData("wie heißt München", "muenchen", true)]
    [InlineData("wo ist Muenchen", "munchen", true)]
    [InlineData("les factures du mois", "factur", true)]
    [InlineData("mis pedidos de ayer", "pedido", true)]
    [InlineData("mis pedidos de ayer", "pedir", false)]
    [InlineData("le fatture della ditta", "fattura", true)]
    [InlineData("waar zijn de pakketten", "pakket", true)]
    [InlineData("gdzie jest paczka", "paczki", true)]
    [InlineData("die Rechnung", "rechnung17", false)]
    public void Words_of_other_languages_have_forms(string query, string term, bool isForm) =>
        Assert.Equal(isForm, SearchQueryParser.Parse(query).Concepts.Any(concept => concept.Family?.Kinship(term) > 0));

    [Fact]
    public void A_form_is_worth_more_than_a_compound()
    {
        var family = SearchQueryParser.Parse("die Rechnung").Concepts[0].Family!;
        Assert.True(family.Kinship("rechnungen") > family.Kinship("rechnungsnummer"));
        Assert.All(["rechnungen", "rechnungsnummer"], term => Assert.Contains(family.Beginnings, beginning => term.StartsWith(beginning, StringComparison.Ordinal)));
    }

    [Fact]
    public void Any_text_is_a_query()
    {
        var random = new Random(23);
        for (var round = 0; round < 3000; round++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(300)).Select(_ => SearchWordsTests.Odd(random))]);
            var query = SearchQueryParser.Parse(random.Next(2) == 0 ? text : $"from:{text} \"{text} has:{text}");
            Assert.InRange(query.Concepts.Count, 0, 64);
            foreach (var phrase in query.Phrases)
                new Phrase(phrase).FindIn(text);
        }
    }

    [Theory]
    [InlineData("lost parcel", "the Lost,\n parcel came", true)]
    [InlineData("lost parcel", "parcel lost", false)]
    [InlineData("lost parcels", "lost parcel", false)]
    [InlineData("A-17", "see a-17.", true)]
    [InlineData("cafe", "Café", true)]
    [InlineData("東京都", "私は東京都に", true)]
    [InlineData("東京都", "京都と東京", false)]
    public void A_phrase_is_found_word_by_word(string phrase, string text, bool found) =>
        Assert.Equal(found, new Phrase(phrase).FindIn(text) is not null);

    [Theory]
    [InlineData("invoic", "invocie", 2)]
    [InlineData("invoic", "invoci", 1)]
    [InlineData("refund", "refnd", 1)]
    [InlineData("refund", "return", 3)]
    public void Slips_are_counted(string one, string other, int slips) => Assert.Equal(slips, NearWords.Slips(one, other, 3));

    [Theory]
    [InlineData("invoci", "invoic")]
    [InlineData("refnd", "refund")]
    [InlineData("rfund", "refund")]
    [InlineData("rreturn", "return")]
    [InlineData("lmap", "lamp")]
    [InlineData("pasword", "password")]
    [InlineData("restuar", "restaur")]
    [InlineData("закас", "заказ")]
    public void Words_a_slip_away_stand_where_is_looked_and_numbers_do_not(string word, string meant)
    {
        Assert.Contains(NearWords.Beginnings(word), range => string.CompareOrdinal(meant, range.From) >= 0 && string.CompareOrdinal(meant, range.Before) < 0);
        Assert.DoesNotContain(NearWords.Beginnings(word), range => string.CompareOrdinal("inv2026001", range.From) >= 0 && string.CompareOrdinal("inv2026001", range.Before) < 0);
    }

    [Fact]
    public void An_excerpt_shows_the_words_that_count_and_where_they_are()
    {
        var text = string.Concat(Enumerable.Repeat("nothing of note here\n", 50)) + "Your refund\nfor order A-17 is on its way. " + string.Concat(Enumerable.Repeat("more text ", 50));
        var excerpt = Excerpt.Of(text, new Dictionary<string, double>(StringComparer.Ordinal) { ["refund"] = 3, ["a17"] = 5, ["note"] = .1 })!;
        Assert.InRange(excerpt.Text.Length, 1, Excerpt.Longest);
        Assert.Contains("refund for order A-17 is", excerpt.Text, StringComparison.Ordinal);
        Assert.Equal(["refund", "A-17"], excerpt.Highlights.Select(range => excerpt.Text[range.Start..range.End]).Where(static word => word != "note"), StringComparer.Ordinal);
        Assert.Null(Excerpt.Of(text, new Dictionary<string, double>(StringComparer.Ordinal) { ["absent"] = 1 }));
    }

    [Fact]
    public void Highlights_lie_inside_the_excerpt_whatever_the_text()
    {
        var random = new Random(29);
        var wanted = new Dictionary<string, double>(StringComparer.Ordinal) { ["a"] = 1, ["b"] = 2, ["ab"] = 1, ["1"] = 1, ["東京"] = 3, ["京"] = 1 };
        for (var round = 0; round < 3000; round++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(900)).Select(_ => SearchWordsTests.Odd(random))]);
            var last = 0;
            foreach (var range in Excerpt.Of(text, wanted)?.Highlights ?? [])
            {
                Assert.True(range.Start >= last && range.End > range.Start);
                last = range.End;
            }
            Assert.True(last <= (Excerpt.Of(text, wanted)?.Text.Length ?? 0));
        }
    }

    [Fact]
    public void Coverage_is_small_where_only_common_words_are_there()
    {
        var bm25 = new Bm25(1000, 50);
        var (common, rare) = (bm25.Rarity(400), bm25.Rarity(2));
        Assert.True(Bm25.Coverage(common * bm25.Weight(3, 50), common + rare) < .3);
        Assert.True(Bm25.Coverage(rare * bm25.Weight(3, 50), common + rare) > .5);
        Assert.True(bm25.Rarity(1000) > 0);
        Assert.InRange(HybridScore.Shown(HybridScore.Raw(1, 1)), .99, 1);
        Assert.Equal(0, HybridScore.Shown(HybridScore.Raw(-.5, 0)));
    }
}
