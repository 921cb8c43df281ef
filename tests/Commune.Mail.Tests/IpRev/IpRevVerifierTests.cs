using System.Net;
using Commune.Mail.IpRev;
using Commune.Mail.Tests.Dns;

namespace Commune.Mail.Tests.IpRev;

public class IpRevVerifierTests
{
    private static async Task<IpRevResult> CheckAsync(ZoneResolver dns, string client) =>
        await new IpRevVerifier(dns).CheckAsync(IPAddress.Parse(client), CancellationToken.None);

    [Theory]
    [InlineData("192.0.2.1")]
    [InlineData("::ffff:192.0.2.1")]
    [InlineData("2001:db8::1")]
    public async Task A_name_that_leads_back_to_the_address_is_a_pass(string client)
    {
        var dns = new ZoneResolver()
            .Ptr("192.0.2.1", "other.example.").Ptr("192.0.2.1", "mail.example.").Ptr("2001:db8::1", "mail.example.")
            .Address("mail.example", "192.0.2.1").Address("mail.example", "2001:db8::1");

        Assert.Equal(new IpRevResult("pass", "mail.example"), await CheckAsync(dns, client));
    }

    [Fact]
    public async Task A_name_that_leads_elsewhere_is_a_fail()
    {
        var dns = new ZoneResolver().Ptr("192.0.2.1", "mail.example").Address("mail.example", "192.0.2.2");

        Assert.Equal(new IpRevResult("fail", null), await CheckAsync(dns, "192.0.2.1"));
    }

    [Fact]
    public async Task An_address_without_a_name_is_a_permerror()
    {
        Assert.Equal(new IpRevResult("permerror", null), await CheckAsync(new ZoneResolver(), "192.0.2.1"));
    }

    [Fact]
    public async Task A_time_out_in_either_direction_is_a_temperror()
    {
        var reverse = new ZoneResolver().Timeout("1.2.0.192.in-addr.arpa");
        var forward = new ZoneResolver().Ptr("192.0.2.1", "mail.example").Timeout("mail.example");

        Assert.Equal("temperror", (await CheckAsync(reverse, "192.0.2.1")).Result);
        Assert.Equal("temperror", (await CheckAsync(forward, "192.0.2.1")).Result);
    }

    [Fact]
    public async Task Only_the_first_ten_names_are_looked_at()
    {
        var dns = new ZoneResolver();
        for (var i = 0; i < 500; i++)
            dns.Ptr("192.0.2.1", $"host{i}.example");
        dns.Address("host10.example", "192.0.2.1");

        Assert.Equal("fail", (await CheckAsync(dns, "192.0.2.1")).Result);
        Assert.Equal(11, dns.Queries.Count);
    }
}
