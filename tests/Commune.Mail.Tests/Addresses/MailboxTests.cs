using Commune.Mail.Addresses;

namespace Commune.Mail.Tests.Addresses;

public sealed class MailboxTests
{
    [Theory]
    [InlineData("kim@example.com", null, "kim@example.com")]
    [InlineData("  kim@EXAMPLE.com ", null, "kim@example.com")]
    [InlineData("Kim <kim@example.com>", "Kim", "kim@example.com")]
    [InlineData("\"Kim, Inc.\" <kim@example.com>", "Kim, Inc.", "kim@example.com")]
    [InlineData("Kim, Inc. <kim@example.com>", "Kim, Inc.", "kim@example.com")]
    [InlineData("\"a \\\"b\\\" c\" <kim@example.com>", "a \"b\" c", "kim@example.com")]
    [InlineData("<kim@example.com>", null, "kim@example.com")]
    [InlineData("\"john doe\"@example.com", null, "\"john doe\"@example.com")]
    [InlineData("\"john.doe\"@example.com", null, "john.doe@example.com")]
    [InlineData("Kim+tag@sub.example.co.uk", null, "Kim+tag@sub.example.co.uk")]
    [InlineData("用户@例え.jp", null, "用户@例え.jp")]
    [InlineData("kim@BÜCHER.example", null, "kim@bücher.example")]
    [InlineData("a@localhost", null, "a@localhost")]
    public void Addresses_as_callers_write_them_are_read(string text, string? name, string address)
    {
        Assert.True(Mailbox.TryParse(text, out var mailbox));
        Assert.Equal(name, mailbox.DisplayName);
        Assert.Equal(address, mailbox.Address);
    }

    [Theory]
    [InlineData("")]
    [InlineData("kim")]
    [InlineData("@example.com")]
    [InlineData("kim@")]
    [InlineData("kim@@example.com")]
    [InlineData("ki m@example.com")]
    [InlineData("kim@exa mple.com")]
    [InlineData("kim@example..com")]
    [InlineData("kim@.example.com")]
    [InlineData("kim@example.com.")]
    [InlineData("kim@-example.com")]
    [InlineData("kim@exam_ple!.com")]
    [InlineData(".kim@example.com")]
    [InlineData("kim.@example.com")]
    [InlineData("k..im@example.com")]
    [InlineData("kim@example.com\r\nBcc: x@y.z")]
    [InlineData("Kim\r\nBcc: x@y.z <kim@example.com>")]
    [InlineData("kim\0@example.com")]
    [InlineData("kim@example.com, lee@example.com")]
    [InlineData("Kim <kim@example.com> Lee <lee@example.com>")]
    [InlineData("\"Kim\" Lee\" <kim@example.com>")]
    [InlineData("Kim <kim@example.com")]
    [InlineData("\"open@example.com")]
    [InlineData("kim@[127.0.0.1]")]
    public void What_could_not_be_sent_is_refused(string text) => Assert.False(Mailbox.TryParse(text, out _));

    [Fact]
    public void Half_a_surrogate_pair_is_refused() => Assert.False(Mailbox.TryParse("\uD800@example.com", out _));

    [Fact]
    public void A_local_part_of_64_octets_is_the_longest()
    {
        Assert.True(Mailbox.TryParse(new string('a', 64) + "@example.com", out _));
        Assert.False(Mailbox.TryParse(new string('a', 65) + "@example.com", out _));
    }

    [Fact]
    public void An_address_of_254_octets_is_the_longest()
    {
        var domain = string.Join('.', Enumerable.Repeat(new string('d', 62), 3)) + ".";
        var room = 254 - 1 - 1 - domain.Length;
        Assert.True(Mailbox.TryParse($"a@{domain}{new string('e', room)}", out _));
        Assert.False(Mailbox.TryParse($"ab@{domain}{new string('e', room)}", out _));
    }

    [Theory]
    [InlineData(null, "kim@example.com")]
    [InlineData("Kim Lee", "Kim Lee <kim@example.com>")]
    [InlineData("Kim, Inc.", "\"Kim, Inc.\" <kim@example.com>")]
    [InlineData("say \"hi\"", "\"say \\\"hi\\\"\" <kim@example.com>")]
    [InlineData("Zoë", "Zoë <kim@example.com>")]
    [InlineData("a@b.c", "\"a@b.c\" <kim@example.com>")]
    public void The_display_form_is_quoted_only_where_needed(string? name, string expected) =>
        Assert.Equal(expected, new Mailbox(name, "kim", "example.com").ToString());

    [Fact]
    public void The_display_form_is_read_back_as_the_same_mailbox()
    {
        foreach (var name in new[] { "Kim", "a \"quoted\" \\ one", "Zoë, Müller", "<x@y.z>", "a  b", "(c)" })
        {
            var mailbox = new Mailbox(name, "kim", "example.com");
            Assert.True(Mailbox.TryParse(mailbox.ToString(), out var read));
            Assert.Equal(mailbox, read);
        }
    }

    [Fact]
    public void Participants_are_known_by_the_address_in_lower_case() =>
        Assert.Equal("kim@example.com", new Mailbox("Kim", "KIM", "example.com").BareAddress);

    [Theory]
    [InlineData("bücher.example", "xn--bcher-kva.example")]
    [InlineData("example.com", "example.com")]
    [InlineData("xn--bcher-kva.example", "xn--bcher-kva.example")]
    public void An_internationalised_domain_has_a_punycode_form(string domain, string ascii) =>
        Assert.Equal(ascii, new Mailbox(null, "a", domain).AsciiDomain);

    [Theory]
    [InlineData("xn--bcher-kva.example", "bücher.example")]
    [InlineData("bücher.example", "bücher.example")]
    [InlineData("example.com", "example.com")]
    [InlineData("xn--r8jz45g.jp", "例え.jp")]
    [InlineData("xn--\uFFFF.example", "xn--\uFFFF.example")]
    public void A_punycode_domain_has_a_form_for_people(string domain, string unicode) =>
        Assert.Equal(unicode, new Mailbox(null, "a", domain).UnicodeDomain);
}
