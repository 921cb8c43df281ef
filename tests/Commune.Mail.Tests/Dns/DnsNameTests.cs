using System.Net;
using Commune.Mail.Dns;

namespace Commune.Mail.Tests.Dns;

public class DnsNameTests
{
    [Theory]
    [InlineData("Example.ORG", "example.org")]
    [InlineData("example.org.", "example.org")]
    [InlineData("_dmarc.example.org", "_dmarc.example.org")]
    [InlineData("bücher.example", "xn--bcher-kva.example")]
    [InlineData("_dmarc.BÜCHER.example", "_dmarc.xn--bcher-kva.example")]
    [InlineData("日本。例え", "xn--wgv71a.xn--r8jz45g")]
    [InlineData(".", ".")]
    public void A_name_becomes_lower_case_A_labels_without_a_trailing_dot(string name, string expected)
    {
        Assert.True(DnsName.TryNormalize(name, out var normalized));
        Assert.Equal(expected, normalized);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a..b")]
    [InlineData(".example.org")]
    [InlineData("with space.example")]
    [InlineData("back\\slash.example")]
    [InlineData("line\r\nend.example")]
    public void What_is_no_name_is_refused(string? name) => Assert.False(DnsName.TryNormalize(name, out _));

    [Fact]
    public void A_label_of_63_characters_is_the_longest()
    {
        Assert.True(DnsName.TryNormalize(new string('a', 63) + ".example", out _));
        Assert.False(DnsName.TryNormalize(new string('a', 64) + ".example", out _));
    }

    [Fact]
    public void A_name_of_253_characters_is_the_longest()
    {
        var longest = string.Join('.', Enumerable.Repeat(new string('a', 63), 3)) + "." + new string('b', 61);
        Assert.Equal(253, longest.Length);
        Assert.True(DnsName.TryNormalize(longest, out _));
        Assert.True(DnsName.TryNormalize(longest + ".", out _));
        Assert.False(DnsName.TryNormalize(longest + "b", out _));
    }

    [Theory]
    [InlineData("192.0.2.5", "5.2.0.192.in-addr.arpa")]
    [InlineData("::ffff:192.0.2.5", "5.2.0.192.in-addr.arpa")]
    [InlineData("2001:db8::567:89ab", "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa")]
    public void The_reverse_name_of_an_address_is_that_of_the_RFC(string address, string expected) =>
        Assert.Equal(expected, DnsName.ReverseOf(IPAddress.Parse(address)));

    [Fact]
    public void Name_servers_are_read_from_resolv_conf()
    {
        var servers = DnsResolverSettings.ParseResolvConf(
            "# comment\nsearch example.org\nnameserver 192.0.2.1\r\n nameserver\t2001:db8::1 \nnameserver nonsense\noptions edns0\n");
        Assert.Equal([new IPEndPoint(IPAddress.Parse("192.0.2.1"), 53), new IPEndPoint(IPAddress.Parse("2001:db8::1"), 53)], servers);
    }

    [Fact]
    public void Without_name_servers_the_local_host_is_asked() =>
        Assert.Equal([new IPEndPoint(IPAddress.Loopback, 53)], DnsResolverSettings.ParseResolvConf("search example.org\n"));
}
