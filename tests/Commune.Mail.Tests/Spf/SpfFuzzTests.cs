using System.Net;
using Commune.Mail.Spf;
using Commune.Mail.Tests.Dns;
using Commune.Mail.Tests.Testing;

namespace Commune.Mail.Tests.Spf;

public class SpfFuzzTests(ITestOutputHelper output)
{
    private static readonly string[] Samples =
    [
        "v=spf1 a:%{d2r.-}.example.com/24//64 mx/0 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all",
        "v=spf1 include:%{L1r+-}.example.com exists:%{ir}.%{v}.example.com ptr:%{p} ?all exp=%{d}",
        "v=spf1 redirect=example.com exp=%{o}.%%.%_%- unknown.mod-ifier=%{s}",
    ];

    [Fact]
    public async Task Mutated_records_give_a_verdict_within_the_limits()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        foreach (var random in new[] { new Random(7208), new Random(seed) })
        {
            for (var i = 0; i < 10_000; i++)
            {
                var record = Mutation.Of(Samples[random.Next(Samples.Length)], random);
                var explanation = Mutation.Of("%{c} is queried as %{ir}.%{v}.arpa by %{R} at %{t}", random);
                var dns = new ZoneResolver().Txt("example.com", record).Txt("example.com", explanation)
                    .Address("example.com", "192.0.2.7").Ptr("192.0.2.1", "mail.example.com");
                var sender = Mutation.Of("some.one+tag@example.com", random);
                var result = await new SpfVerifier(dns).CheckHostAsync(
                    IPAddress.Parse("192.0.2.1"), "example.com", sender, Mutation.Of("mail.example.com", random),
                    CancellationToken.None);

                Assert.True(
                    result.Result is "none" or "neutral" or "pass" or "fail" or "softfail" or "temperror" or "permerror",
                    record);
                Assert.InRange(dns.Queries.Count, 1, 40);
            }
        }
    }

    [Fact]
    public void A_record_of_a_megabyte_is_read_once()
    {
        var record = "v=spf1 " + string.Concat(Enumerable.Repeat("ip4:192.0.2.1 exists:%{d2r.-}.a.example x=%{s} ", 20_000));

        var parsed = SpfRecord.Parse(record, out _);

        Assert.Equal(40_000, parsed!.Directives.Count);
    }

    [Fact]
    public void A_term_of_a_megabyte_is_read_once()
    {
        var record = "v=spf1 a:" + string.Concat(Enumerable.Repeat("%{d}.", 200_000)) + "example -all";

        Assert.Equal(2, SpfRecord.Parse(record, out _)!.Directives.Count);
        Assert.Null(SpfRecord.Parse("v=spf1 a:" + new string('%', 1_000_001), out _));
    }
}
