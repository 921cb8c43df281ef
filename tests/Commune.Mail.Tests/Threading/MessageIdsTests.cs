using Commune.Mail.Threading;

namespace Commune.Mail.Tests.Threading;

public sealed class MessageIdsTests
{
    [Theory]
    [InlineData("<a@b>", "<a@b>")]
    [InlineData("<a@b> <c@d>", "<a@b> <c@d>")]
    [InlineData("<a@b>,<c@d>", "<a@b> <c@d>")]
    [InlineData("<a@b><c@d>", "<a@b> <c@d>")]
    [InlineData("<a@b>\r\n\t<c@d>", "<a@b> <c@d>")]
    [InlineData("Message from Kim <a@b> of Monday", "<a@b>")]
    [InlineData("<a@b> <a@b>", "<a@b>")]
    [InlineData("<broken <c@d>", "<c@d>")]
    [InlineData("<a\r\n @b>", "<a@b>")]
    [InlineData("<>", "")]
    [InlineData("<open", "")]
    [InlineData("none", "")]
    [InlineData(null, "")]
    public void Identifiers_are_found(string? value, string expected) => Assert.Equal(expected, string.Join(' ', MessageIds.Parse(value)));

    [Theory]
    [InlineData(" <a@b> ", "<a@b>")]
    [InlineData("a@b", "<a@b>")]
    [InlineData("<a@b", "<a@b>")]
    [InlineData("<a@b> (comment)", "<a@b>")]
    [InlineData("", null)]
    [InlineData("<>", null)]
    public void One_identifier_is_read(string value, string? expected) => Assert.Equal(expected, MessageIds.ParseOne(value));

    [Fact]
    public void Of_too_many_the_newest_500_are_kept()
    {
        var ids = MessageIds.Parse(string.Concat(Enumerable.Range(0, 2000).Select(i => $"<{i}@x>")));
        Assert.Equal(500, ids.Count);
        Assert.Equal("<1999@x>", ids[^1]);
    }
}
