using Commune.Mail.Text;

namespace Commune.Mail.Tests.Text;

public sealed class FlowedTextTests
{
    [Theory]
    [InlineData("one \ntwo", "one two")]
    [InlineData("one\ntwo", "one\ntwo")]
    [InlineData(" >not a quote", ">not a quote")]
    [InlineData("From \nx", "From x")]
    [InlineData("> a \n> b\n> c", "> a b\n> c")]
    [InlineData(">> a \n> b", ">> a \n> b")]
    [InlineData("a \n> b", "a \n> b")]
    [InlineData("text\n-- \nKim", "text\n-- \nKim")]
    [InlineData("text \n-- \nKim", "text \n-- \nKim")]
    [InlineData("a \n\nb", "a \nb")]
    [InlineData("", "")]
    [InlineData("a\n", "a\n")]
    public void Paragraphs_are_joined(string text, string expected) => Assert.Equal(expected, FlowedText.Join(text));

    [Fact]
    public void DelSp_takes_the_space_with_it() => Assert.Equal("ab\nc", FlowedText.Join("a \nb\nc", deleteSpace: true));
}
