using System.Buffers.Text;
using System.Text;

namespace Commune.Storage.Tests;

public sealed class PageCursorTests
{
    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    [Theory]
    [InlineData(0, 0, "")]
    [InlineData(1_772_600_767_890, 1_772_600_767_000, "conv_0123456789abcdef")]
    [InlineData(long.MaxValue, long.MaxValue, "A-z_9")]
    public void A_cursor_comes_back_as_it_was(long snapshot, long at, string id)
    {
        var cursor = new PageCursor(snapshot, at, id);
        Assert.True(PageCursor.TryDecode(cursor.Encode(), out var decoded));
        Assert.Equal(cursor, decoded);
    }

    [Fact]
    public void A_cursor_is_safe_in_a_query() => Assert.Matches("^[A-Za-z0-9_-]+$", new PageCursor(1, 2, "msg_3").Encode());

    [Theory]
    [InlineData("")]
    [InlineData("garbage!")]
    [InlineData("a")]
    [InlineData("AAAA")]
    [InlineData("MS4xLjIuYQ==\n\u00e9")]
    public void What_is_no_base64url_of_a_cursor_is_refused(string text) => Assert.False(PageCursor.TryDecode(text, out _));

    [Theory]
    [InlineData("1.2.3")]
    [InlineData("2.1.2.a")]
    [InlineData("1.-1.2.a")]
    [InlineData("1.+1.2.a")]
    [InlineData("1. 1.2.a")]
    [InlineData("1.1.x.a")]
    [InlineData("1.1.9223372036854775808.a")]
    [InlineData("1.1.2.a b")]
    [InlineData("1.1.2.a.b")]
    [InlineData("1.1.2.'")]
    [InlineData("1.1.2.\0")]
    [InlineData("1.1.2.é")]
    public void A_cursor_with_a_wrong_member_is_refused(string text) => Assert.False(PageCursor.TryDecode(Encode(text), out _));

    [Fact]
    public void A_very_long_cursor_is_refused() => Assert.False(PageCursor.TryDecode(Encode($"1.1.2.{new string('a', 10_000)}"), out _));

    [Fact]
    public void Changed_cursors_are_refused_or_decoded_and_never_throw()
    {
        var random = new Random(42);
        var sample = new PageCursor(1_772_600_767_890, 1_772_600_767_000, "conv_0123456789abcdef").Encode();
        for (var i = 0; i < 100_000; i++)
        {
            var chars = sample.ToCharArray();
            for (var n = random.Next(1, 4); n > 0; n--)
                chars[random.Next(chars.Length)] = (char)random.Next(random.Next(4) == 0 ? 0x10000 : 128);
            var text = new string(chars, 0, random.Next(chars.Length + 1));
            if (PageCursor.TryDecode(text, out var cursor))
                Assert.All(cursor.Id, c => Assert.True(char.IsAsciiLetterOrDigit(c) || c is '_' or '-'));
        }
    }
}
