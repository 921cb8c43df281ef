using System.Text;
using Commune.Mail.Smtp;

namespace Commune.Mail.Tests.Smtp.Server;

public sealed class SmtpPathTests
{
    private static readonly string Local64 = new('l', 64);
    private static readonly string Label63 = new('d', 63);

    [Theory]
    [InlineData("<a@example.com>", "a", "example.com")]
    [InlineData("<first.last+tag@example.com>", "first.last+tag", "example.com")]
    [InlineData("<!#$%&'*+-/=?^_`{|}~@x>", "!#$%&'*+-/=?^_`{|}~", "x")]
    [InlineData("<\"a b\"@example.com>", "a b", "example.com")]
    [InlineData("<\"a\\\"b\\\\c\"@example.com>", "a\"b\\c", "example.com")]
    [InlineData("<\"a>b@c\"@example.com>", "a>b@c", "example.com")]
    [InlineData("<a@[192.0.2.1]>", "a", "[192.0.2.1]")]
    [InlineData("<a@[IPv6:2001:db8::1]>", "a", "[IPv6:2001:db8::1]")]
    [InlineData("<@relay.example,@other.example:a@example.com>", "a", "example.com")]
    [InlineData("<Postmaster>", "Postmaster", "")]
    [InlineData("<postMASTER>", "postMASTER", "")]
    [InlineData("<a@under_score.example>", "a", "under_score.example")]
    [InlineData("<grün@bücher.example>", "grün", "bücher.example")]
    public void A_path_is_read(string path, string localPart, string domain)
    {
        Assert.True(SmtpPathParser.TryParse(Encoding.UTF8.GetBytes(path + " X"), out var parsed, out var consumed));
        Assert.Equal(localPart, parsed.LocalPart);
        Assert.Equal(domain, parsed.Domain);
        Assert.Equal(path[1..^1], parsed.Raw);
        Assert.Equal(Encoding.UTF8.GetByteCount(path), consumed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<")]
    [InlineData("a@example.com")]
    [InlineData("<a@example.com")]
    [InlineData("<a>")]
    [InlineData("<@example.com>")]
    [InlineData("<a@>")]
    [InlineData("<a@@b>")]
    [InlineData("<.a@b>")]
    [InlineData("<a.@b>")]
    [InlineData("<a..b@c>")]
    [InlineData("<a b@c>")]
    [InlineData("<\"a@b>")]
    [InlineData("<\"a\"b@c>")]
    [InlineData("<\"a\\\"@b>")]
    [InlineData("<a@-b>")]
    [InlineData("<a@b->")]
    [InlineData("<a@b-.c>")]
    [InlineData("<a@b..c>")]
    [InlineData("<a@b.>")]
    [InlineData("<a@.b>")]
    [InlineData("<a@b c>")]
    [InlineData("<a@[192.0.2]>")]
    [InlineData("<a@[192.0.2.256]>")]
    [InlineData("<a@[192.0.2.1>")]
    [InlineData("<a@[IPv6:192.0.2.1]>")]
    [InlineData("<a@[IPv6:::1%1]>")]
    [InlineData("<a@[2001:db8::1]>")]
    [InlineData("<a@[]>")]
    [InlineData("<@relay:>")]
    [InlineData("<@relay,:a@b>")]
    [InlineData("<@relay a@b>")]
    [InlineData("<@>")]
    public void What_is_no_path_is_refused(string path) =>
        Assert.False(SmtpPathParser.TryParse(Encoding.UTF8.GetBytes(path), out _, out _));

    [Fact]
    public void Broken_UTF8_is_refused() =>
        Assert.False(SmtpPathParser.TryParse("<a\u00fc@example.com>"u8.ToArray().Where(b => b != 0xbc).ToArray(), out _, out _));

    [Fact]
    public void The_null_path_is_null()
    {
        Assert.True(SmtpPathParser.TryParse("<>"u8, out var path, out var consumed));
        Assert.True(path.IsNull);
        Assert.Equal(2, consumed);
        Assert.Equal("", path.ToString());
    }

    [Fact]
    public void Local_part_label_domain_and_path_have_their_limits()
    {
        Assert.True(IsPath($"<{Local64}@x>"));
        Assert.False(IsPath($"<{Local64}l@x>"));
        Assert.True(IsPath($"<a@{Label63}>"));
        Assert.False(IsPath($"<a@{Label63}d>"));
        // 190 of domain and 64 of local part make a path of 257.
        Assert.True(IsPath($"<{Local64}@{Label63}.{Label63}.{new string('d', 61)}>"));
        Assert.False(IsPath($"<{Local64}@{Label63}.{Label63}.{new string('d', 62)}>"));
        Assert.False(IsPath($"<\"{Local64}\"@x>"));
    }

    [Theory]
    [InlineData("<a.b@c>")]
    [InlineData("<\"a b\\\"\\\\\"@c>")]
    [InlineData("<\"\"@c>")]
    [InlineData("<a@[192.0.2.1]>")]
    [InlineData("<Postmaster>")]
    public void A_path_is_written_as_it_can_be_read(string path)
    {
        Assert.True(SmtpPathParser.TryParse(Encoding.ASCII.GetBytes(path), out var parsed, out _));
        Assert.Equal(path, $"<{parsed}>");
    }

    private static bool IsPath(string path) => SmtpPathParser.TryParse(Encoding.ASCII.GetBytes(path), out _, out _);
}
