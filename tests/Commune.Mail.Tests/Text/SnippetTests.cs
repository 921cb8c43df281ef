using Commune.Mail.Text;

namespace Commune.Mail.Tests.Text;

public sealed class SnippetTests
{
    [Theory]
    [InlineData("Hello\n\n  world\t!", "Hello world !")]
    [InlineData("> quoted\nmine", "mine")]
    [InlineData("mine\n\nOn Mon, 1 Jan 2026, Kim <kim@example.com> wrote:\n> theirs", "mine")]
    [InlineData("Meins\nAm 1.1.2026 schrieb Kim:\n> deins", "Meins")]
    [InlineData("Mío\nEl lun, 5 ene 2026 a las 10:00, Kim (<kim@example.com>) escribió:\n\n> tuyo", "Mío")]
    [InlineData("Mine\nOn Mon, 5 Jan 2026 at 10:00, Kim Lee\n<kim@example.com> wrote:\n> yours", "Mine")]
    [InlineData("Here is what the doctor wrote:\nTake two.", "Here is what the doctor wrote: Take two.")]
    [InlineData("On reflection, this is what I wrote:\nNo.", "On reflection, this is what I wrote: No.")]
    [InlineData("> only\n> quoted", "> only > quoted")]
    [InlineData("", "")]
    [InlineData("a\u00A0\u200B\u200Cb", "a b")]
    public void The_first_words_are_taken(string text, string expected) => Assert.Equal(expected, Snippet.Of(text));

    [Fact]
    public void It_is_cut_at_the_end_of_a_word() => Assert.Equal("one two", Snippet.Of("one two three", 10));

    [Fact]
    public void A_word_that_ends_at_the_limit_is_kept() => Assert.Equal("one two", Snippet.Of("one two three", 7));

    [Fact]
    public void A_pair_of_surrogates_is_not_split()
    {
        var snippet = Snippet.Of("a" + string.Concat(Enumerable.Repeat("😀", 300)));
        Assert.Equal(199, snippet.Length);
        Assert.True(char.IsLowSurrogate(snippet[^1]));
    }

    [Fact]
    public void Emoji_of_several_parts_stay_whole() => Assert.Equal("x 👩‍💻 y", Snippet.Of("x 👩‍💻 y"));

    [Fact]
    public void A_megabyte_without_words_is_cut() => Assert.Equal(200, Snippet.Of(new string('x', 1_000_000)).Length);
}
