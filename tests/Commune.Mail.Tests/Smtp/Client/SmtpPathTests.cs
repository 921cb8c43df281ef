using Commune.Mail.Smtp.Client;

namespace Commune.Mail.Tests.Smtp.Client;

public class SmtpPathTests
{
    [Theory]
    [InlineData("user@example.org")]
    [InlineData("user+tag@[192.0.2.1]")]
    [InlineData("\"with space\"@example.org")]
    [InlineData("\"a>b\\\"c\"@example.org")]
    [InlineData("jörg@example.org")]
    [InlineData("😀@example.org")]
    public void An_address_may_stand_between_brackets(string address) => Assert.True(SmtpPath.IsSafe(address));

    [Theory]
    [InlineData("")]
    [InlineData("a@example.org>\r\nRCPT TO:<b@example.org")]
    [InlineData("a@example.org\n")]
    [InlineData("a@example.org> SIZE=1")]
    [InlineData("<a@example.org")]
    [InlineData("a b@example.org")]
    [InlineData("\"open@example.org")]
    [InlineData("\"a\r\nb\"@example.org")]
    [InlineData("\"a\\\r\nb\"@example.org")]
    [InlineData("\"a\\")]
    [InlineData("a\0@example.org")]
    [InlineData("a\u0085@example.org")]
    [InlineData("a\u2028@example.org")]
    [InlineData("a\u00a0b@example.org")]
    public void An_address_that_could_end_the_command_is_refused(string address) => Assert.False(SmtpPath.IsSafe(address));

    [Fact]
    public void Half_a_surrogate_pair_is_refused()
    {
        Assert.False(SmtpPath.IsSafe("\ud83d@example.org"));
        Assert.False(SmtpPath.IsSafe("\ude00@example.org"));
        Assert.False(SmtpPath.IsSafe("a@example.org\ud83d"));
    }

    [Fact]
    public void An_address_that_is_too_long_for_a_command_line_is_refused() =>
        Assert.False(SmtpPath.IsSafe(new string('a', 400) + "@example.org"));

    [Theory]
    [InlineData("user@bücher.example", "user@xn--bcher-kva.example")]
    [InlineData("user@Example.ORG", "user@Example.ORG")]
    [InlineData("jörg@bücher.example", "jörg@bücher.example")]
    public void A_domain_is_written_as_A_labels_where_that_makes_the_address_ASCII(string address, string expected) =>
        Assert.Equal(expected, SmtpPath.ToAscii(address));
}
