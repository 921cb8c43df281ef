using Commune.Ai.Search;

namespace Commune.Ai.Tests.Search;

public sealed class SearchWordsTests
{
    [Theory]
    [InlineData("Deliveries delivered", "deliveri deliv")]
    [InlineData("don't Kim's we've O'Brien", "don kim we o brien")]
    [InlineData("e-mail E-Mail email", "email email email")]
    [InlineData("well-known and/or", "well known and or")]
    [InlineData("Zürich café Straße Øre ŁÓDŹ", "zurich cafe strass or lodz")]
    [InlineData("ПРИВЕТ Ёлка", "привет елка")]
    [InlineData("Ελλάδα λόγος", "ελλαδα λογοσ")]
    [InlineData("ＦＵＬＬ ｗｉｄｔｈ", "full width")]
    public void Words_of_any_script_are_folded_and_Latin_ones_stemmed(string text, string terms) =>
        Assert.Equal(terms.Split(' '), TermList.TermsOf(text));

    [Theory]
    [InlineData("A-17", "a17")]
    [InlineData("INV-2026/001", "inv2026001")]
    [InlineData("1,234.56", "123456")]
    [InlineData("10:30", "1030")]
    [InlineData("kim@example.com", "kimexamplecom")]
    [InlineData("192.168.0.1", "19216801")]
    public void Ids_and_numbers_are_kept_whole(string text, string whole) =>
        Assert.Contains(TermList.Of($"see {text}, please"), found => found.Term == whole && found.Kind == WordKind.Whole && found.Start == 4 && found.Length == text.Length);

    [Fact]
    public void Ids_are_read_in_parts_as_well()
    {
        Assert.Equal(["inv2026001", "inv", "2026", "001"], TermList.TermsOf("INV-2026/001"));
        Assert.Equal(["kimexamplecom", "examplecom", "kim", "exampl", "com"], TermList.TermsOf("kim@example.com"));
        Assert.Equal(["po12345", "12345"], TermList.TermsOf("PO12345"));
    }

    [Fact]
    public void Digits_of_other_scripts_are_digits() => Assert.Equal(["123"], TermList.TermsOf("١٢٣"));

    [Fact]
    public void Scripts_without_spaces_give_pairs_and_letters()
    {
        Assert.Equal(["東", "京", "東京", "都", "京都"], TermList.TermsOf("東京都"));
        Assert.Contains("ราค", TermList.TermsOf("ราคา").Select(static t => t + "ค"), StringComparer.Ordinal);
        Assert.Equal("คืน", string.Concat(TermList.Of("คืน").Where(static t => t.Kind == WordKind.Single).Select(static t => t.Term)));
    }

    [Fact]
    public void An_emoji_is_a_word() => Assert.Equal(["parti", "🎉", "time"], TermList.TermsOf("party🎉 time"));

    [Fact]
    public void Places_are_those_of_the_text()
    {
        const string Text = "Ask Kim's team about A-17 in 東京 today";
        foreach (var (term, kind, start, length) in TermList.Of(Text).Where(static found => found.Kind == WordKind.Word && found.Term.All(char.IsAsciiLetter)))
            Assert.StartsWith(term[..Math.Min(2, term.Length)], Text.Substring(start, length), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Any_text_is_read_in_bounded_time_and_no_term_is_too_long()
    {
        var random = new Random(17);
        for (var round = 0; round < 2000; round++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(200)).Select(_ => Odd(random))]);
            foreach (var (term, _, start, length) in TermList.Of(text))
            {
                Assert.InRange(term.Length, 1, SearchWords.LongestTerm);
                Assert.True(start >= 0 && length > 0 && start + length <= text.Length);
            }
        }
        Assert.NotEmpty(TermList.Of(string.Concat(Enumerable.Repeat("a-1/", 100_000)) + " word"));
    }

    private const string Special = "ab1- /.@'’:,_\"東京ค\u0301\0\uD83C\uDF89\uDC00ß";

    /// <summary>Characters of which rules speak, and any others: halves of pairs and NUL included.</summary>
    internal static char Odd(Random random) => random.Next(3) switch
    {
        0 => Special[random.Next(Special.Length)],
        1 => (char)random.Next(0x20, 0x7F),
        _ => (char)random.Next(char.MaxValue + 1),
    };
}
