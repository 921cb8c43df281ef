using System.Net;
using Commune.Mail.Spf;
using Commune.Mail.Tests.Dns;

namespace Commune.Mail.Tests.Spf;

public class SpfVerifierTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    private static async Task<SpfResult> CheckAsync(
        ZoneResolver dns,
        string mailFrom = "user@example.com",
        string client = "192.0.2.1",
        string helo = "mail.example.org",
        SpfSettings? settings = null) => await new SpfVerifier(dns, settings).CheckAsync(
            IPAddress.Parse(client), mailFrom, helo, "mx.receiver.example", Now, CancellationToken.None);

    [Fact]
    public async Task The_null_sender_is_checked_by_its_HELO_name()
    {
        var dns = new ZoneResolver().Txt("mail.example.org", "v=spf1 ip4:192.0.2.0/24 -all");

        var result = await CheckAsync(dns, mailFrom: "");

        Assert.Equal(new SpfResult("pass", "mail.example.org", "helo", null, "ip4:192.0.2.0/24", null), result);
    }

    [Fact]
    public async Task The_reverse_path_is_checked_by_its_domain()
    {
        var dns = new ZoneResolver().Txt("example.com", "v=spf1 ip6:2001:db8::/33 ~all");

        Assert.Equal(
            new SpfResult("pass", "example.com", "mfrom", null, "ip6:2001:db8::/33", null),
            await CheckAsync(dns, client: "2001:db8:7fff::1"));
        Assert.Equal(
            new SpfResult("softfail", "example.com", "mfrom", null, "~all", null),
            await CheckAsync(dns, client: "2001:db8:8000::1"));
    }

    [Fact]
    public async Task The_at_sign_within_a_quoted_local_part_does_not_begin_the_domain()
    {
        var dns = new ZoneResolver().Txt("example.com", "v=spf1 -all");

        Assert.Equal("example.com", (await CheckAsync(dns, mailFrom: "\"a@b\"@example.com")).Domain);
    }

    [Fact]
    public async Task The_explanation_knows_the_receiver_and_the_time()
    {
        var dns = new ZoneResolver()
            .Txt("example.com", "v=spf1 -all exp=why.%{d}").Txt("why.example.com", "%{r} refused %{s} at %{t}%%");

        Assert.Equal("mx.receiver.example refused user@example.com at 1700000000%", (await CheckAsync(dns)).Explanation);
    }

    [Fact]
    public async Task An_explanation_that_could_break_a_reply_is_left_out()
    {
        var dns = new ZoneResolver()
            .Txt("example.com", "v=spf1 -all exp=why.example.com").Txt("why.example.com", "from %{h}");

        var result = await CheckAsync(dns, helo: "x\r\n250 OK");

        Assert.Equal("fail", result.Result);
        Assert.Null(result.Explanation);
    }

    [Fact]
    public async Task An_explanation_that_grows_without_measure_is_left_out()
    {
        var dns = new ZoneResolver()
            .Txt("example.com", "v=spf1 -all exp=why.example.com")
            .Txt("why.example.com", string.Concat(Enumerable.Repeat("%{s}", 10_000)));

        Assert.Null((await CheckAsync(dns)).Explanation);
    }

    [Fact]
    public async Task A_time_out_of_an_unneeded_explanation_leaves_the_verdict_alone()
    {
        var dns = new ZoneResolver().Txt("example.com", "v=spf1 -all exp=why.example.com").Timeout("why.example.com");

        Assert.Equal("fail", (await CheckAsync(dns)).Result);
    }

    [Theory]
    [InlineData("v=spf1 a:slow.example.com -all")]
    [InlineData("v=spf1 mx:slow.example.com -all")]
    [InlineData("v=spf1 mx:mx-slow.example.com -all")]
    [InlineData("v=spf1 include:slow.example.com -all")]
    [InlineData("v=spf1 exists:slow.example.com -all")]
    [InlineData("v=spf1 redirect=slow.example.com")]
    public async Task A_time_out_of_a_needed_question_is_a_temperror(string record)
    {
        var dns = new ZoneResolver()
            .Txt("example.com", record).Timeout("slow.example.com").Mx("mx-slow.example.com", 1, "slow.example.com");

        var result = await CheckAsync(dns);

        Assert.Equal("temperror", result.Result);
        Assert.Contains("slow.example.com", result.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_time_out_behind_the_match_is_not_met()
    {
        var dns = new ZoneResolver().Txt("example.com", "v=spf1 ip4:192.0.2.1 a:slow.example.com").Timeout("slow.example.com");

        Assert.Equal("pass", (await CheckAsync(dns)).Result);
    }

    [Fact]
    public async Task The_eleventh_term_that_needs_DNS_is_a_permerror_wherever_it_stands()
    {
        var dns = new ZoneResolver()
            .Txt("example.com", "v=spf1 include:a.example.com include:a.example.com -all")
            .Txt("a.example.com", "v=spf1 a:b.example.com a:b.example.com a:b.example.com a:b.example.com a:b.example.com ?all")
            .Address("b.example.com", "192.0.2.9");

        var result = await CheckAsync(dns);

        Assert.Equal("permerror", result.Result);
        Assert.Contains("10", result.Problem, StringComparison.Ordinal);
        Assert.Equal("fail", (await CheckAsync(dns, settings: new SpfSettings { MaxLookups = 12 })).Result);
    }

    [Fact]
    public async Task An_mx_whose_exchanges_have_no_address_is_one_void_lookup()
    {
        var dns = new ZoneResolver().Txt("example.com", "v=spf1 mx -all");
        for (var i = 0; i < 10; i++)
            dns.Mx("example.com", i, $"mx{i}.example.com");

        Assert.Equal("fail", (await CheckAsync(dns)).Result);
    }

    [Fact]
    public async Task The_client_is_asked_for_its_name_once()
    {
        var dns = new ZoneResolver()
            .Txt("example.com", "v=spf1 ptr:a.example ptr:b.example exists:%{p}.example.com -all").Ptr("192.0.2.1", "c.example")
            .Address("c.example", "192.0.2.1");

        Assert.Equal("fail", (await CheckAsync(dns)).Result);
        Assert.Single(dns.Queries, query => query.StartsWith("PTR", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_name_that_only_ends_like_the_target_is_not_within_it()
    {
        var dns = new ZoneResolver()
            .Txt("example.com", "v=spf1 ptr -all").Ptr("192.0.2.1", "notexample.com").Address("notexample.com", "192.0.2.1");

        Assert.Equal("fail", (await CheckAsync(dns)).Result);
    }

    [Fact]
    public async Task A_local_part_that_is_not_ASCII_never_matches_by_macro()
    {
        var dns = new ZoneResolver()
            .Txt("example.com", "v=spf1 exists:%{l}.users.example.com ?all").Address("jörg.users.example.com", "127.0.0.2");

        Assert.Equal("neutral", (await CheckAsync(dns, mailFrom: "jörg@example.com")).Result);
    }

    [Fact]
    public async Task An_internationalised_domain_is_asked_for_in_A_labels()
    {
        var dns = new ZoneResolver()
            .Txt("xn--bcher-kva.example", "v=spf1 a:%{o} -all").Address("xn--bcher-kva.example", "192.0.2.1");

        var result = await CheckAsync(dns, mailFrom: "a@bücher.example");

        Assert.Equal(("pass", "xn--bcher-kva.example"), (result.Result, result.Domain));
    }

    [Fact]
    public void Macros_and_their_transformers_follow_the_examples_of_the_standard()
    {
        // RFC 7208 §7.4, for strong-bad@email.example.com.
        var values = new SpfMacroValues
        {
            Client = IPAddress.Parse("192.0.2.3"),
            LocalPart = "strong-bad",
            SenderDomain = "email.example.com",
            Domain = "email.example.com",
            Helo = "helo.example",
            Receiver = "unknown",
            Now = Now,
        };
        var cases = new (string, string)[]
        {
            ("%{s}", "strong-bad@email.example.com"),
            ("%{o}", "email.example.com"),
            ("%{d4}", "email.example.com"),
            ("%{d2}", "example.com"),
            ("%{d1}", "com"),
            ("%{dr}", "com.example.email"),
            ("%{d2r}", "example.email"),
            ("%{l}", "strong-bad"),
            ("%{l-}", "strong.bad"),
            ("%{lr}", "strong-bad"),
            ("%{lr-}", "bad.strong"),
            ("%{l1r-}", "strong"),
            ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
            ("%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"),
            ("%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"),
        };
        foreach (var (text, expected) in cases)
        {
            Assert.True(SpfMacroString.TryParseDomainSpec(text, out var macro), text);
            Assert.Equal(expected, macro.Expand(values, 1000));
        }

        Assert.True(SpfMacroString.TryParseDomainSpec("%{ir}.%{v}._spf.%{d2}", out var six));
        Assert.Equal(
            "1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2.ip6._spf.example.com",
            six.Expand(values with { Client = IPAddress.Parse("2001:db8::cb01") }, 1000));
    }

    [Theory]
    [InlineData("%{d0}")]
    [InlineData("%{dx}")]
    [InlineData("%{d2rr}")]
    [InlineData("%{}")]
    [InlineData("%{d")]
    [InlineData("%")]
    [InlineData("a.example%")]
    [InlineData("%{c}.example.com")]
    [InlineData("example")]
    [InlineData("%{d}com")]
    [InlineData("..")]
    [InlineData("")]
    public void A_malformed_domain_spec_is_refused(string text)
    {
        Assert.False(SpfMacroString.TryParseDomainSpec(text, out _));
    }

    [Theory]
    [InlineData("a:192.0.2.1/24")]
    [InlineData("ip4:192.0.2.1/")]
    [InlineData("ip4:192.0.2.010")]
    [InlineData("ip4:2001:db8::1")]
    [InlineData("ip6:192.0.2.1")]
    [InlineData("ip6:[2001:db8::1]")]
    [InlineData("ip6:fe80::1%eth0")]
    [InlineData("ip6:2001:db8::/129")]
    [InlineData("a//")]
    [InlineData("a/24/")]
    [InlineData("--all")]
    [InlineData("-")]
    [InlineData("+:")]
    [InlineData("includes:example.org")]
    public async Task A_malformed_term_makes_the_whole_record_void(string term)
    {
        var dns = new ZoneResolver().Txt("example.com", $"v=spf1 ip4:192.0.2.1 {term}");

        Assert.Equal("permerror", (await CheckAsync(dns)).Result);
    }

    [Fact]
    public async Task Check_host_of_the_standard_can_be_called_by_itself()
    {
        var dns = new ZoneResolver()
            .Txt("example.com", "v=spf1 exists:%{l}.%{h}.%{d} -all").Address("me.helo.example.com", "127.0.0.2");

        var result = await new SpfVerifier(dns).CheckHostAsync(
            IPAddress.Parse("192.0.2.1"), "example.com", "me@other.example", "helo", CancellationToken.None);

        Assert.Equal("pass", result.Result);
    }
}
