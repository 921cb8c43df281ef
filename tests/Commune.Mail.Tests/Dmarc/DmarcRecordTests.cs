using Commune.Mail.Dmarc;
using Commune.Mail.Tests.Testing;

namespace Commune.Mail.Tests.Dmarc;

public class DmarcRecordTests
{
    private static DmarcRecord Parse(string text)
    {
        Assert.True(DmarcRecord.TryParse(text, out var record));
        return record;
    }

    [Fact]
    public void Every_tag_of_the_standard_is_read()
    {
        var record = Parse(
            "v=DMARC1; p=reject; sp=quarantine; np=none; adkim=s; aspf=s; pct=25; fo=1:d; ri=3600; t=y; psd=n; "
            + "rua=mailto:a@example.com!10m,mailto:b@example.com; ruf=mailto:c@example.com");

        Assert.Equal(("reject", "quarantine", "none"), (record.Policy, record.SubdomainPolicy, record.NonexistentPolicy));
        Assert.True(record.StrictDkim && record.StrictSpf && record.IsTesting);
        Assert.Equal((25, 3600u, "1:d"), (record.Percent, record.ReportInterval, record.FailureOptions));
        Assert.Equal('n', record.PublicSuffix);
        Assert.Equal("mailto:a@example.com", record.AggregateReportsTo[0].Uri.ToString());
        Assert.Equal(10L << 20, record.AggregateReportsTo[0].MaxBytes);
        Assert.Null(record.AggregateReportsTo[1].MaxBytes);
        Assert.Equal("mailto:c@example.com", Assert.Single(record.FailureReportsTo).Uri.ToString());
    }

    [Fact]
    public void Absent_tags_have_the_defaults_of_the_standard()
    {
        var record = Parse("v=DMARC1;p=quarantine");

        Assert.Equal(("quarantine", "quarantine"), (record.SubdomainPolicy, record.NonexistentPolicy));
        Assert.False(record.StrictDkim || record.StrictSpf || record.IsTesting);
        Assert.Equal((100, 86_400u, "0"), (record.Percent, record.ReportInterval, record.FailureOptions));
        Assert.Equal('u', record.PublicSuffix);
        Assert.Empty(record.AggregateReportsTo);
    }

    [Theory]
    [InlineData("v=DMARC1 ; p = Reject ;")]
    [InlineData("  v =\tDMARC1\t;\tp=REJECT;;")]
    [InlineData("v=DMARC1; P=reject; unknown=1; nonsense; pct=abc")]
    [InlineData("v=DMARC1; adkim=x; p=reject; pct=101; ri=-1")]
    public void White_space_case_order_and_faulty_tags_are_tolerated(string text)
    {
        var record = Parse(text);

        Assert.Equal(("reject", 100), (record.Policy, record.Percent));
    }

    [Theory]
    [InlineData("")]
    [InlineData("v=DMARC1")]
    [InlineData("v=dmarc1; p=reject")]
    [InlineData("v=DMARC12; p=reject")]
    [InlineData("p=reject; v=DMARC1")]
    [InlineData("v=spf1 -all")]
    [InlineData("v=DMARC1; p=rejekt")]
    [InlineData("v=DMARC1; p=none; sp=maybe")]
    [InlineData("v=DMARC1; p=none; p=reject")]
    public void A_text_without_a_usable_policy_is_refused(string text)
    {
        Assert.False(DmarcRecord.TryParse(text, out _));
    }

    [Theory]
    [InlineData("v=DMARC1; rua=mailto:a@example.com")]
    [InlineData("v=DMARC1; p=rejekt; rua=mailto:a@example.com")]
    [InlineData("v=DMARC1; p=reject; sp=maybe; rua=mailto:a@example.com")]
    public void A_faulty_policy_with_an_address_for_reports_asks_for_reports_only(string text)
    {
        var record = Parse(text);

        Assert.Equal(("none", "none", "none"), (record.Policy, record.SubdomainPolicy, record.NonexistentPolicy));
    }

    [Fact]
    public void Addresses_that_are_no_URIs_are_left_out_and_their_number_is_bounded()
    {
        var many = string.Join(',', Enumerable.Range(0, 1000).Select(i => $"mailto:a{i}@example.com"));

        var record = Parse($"v=DMARC1; p=none; rua=nonsense,mailto:a@example.com!10x,{many}");

        Assert.Equal(10, record.AggregateReportsTo.Count);
        Assert.Equal("mailto:a0@example.com", record.AggregateReportsTo[0].Uri.ToString());
    }

    [Fact]
    public void Mutated_records_never_throw_and_only_known_words_come_out()
    {
        var seed = Random.Shared.Next();
        foreach (var random in new[] { new Random(7489), new Random(seed) })
        {
            for (var i = 0; i < 20_000; i++)
            {
                var text = Mutation.Of(
                    "v=DMARC1; p=reject; sp=quarantine; np=none; adkim=s; pct=25; psd=y; rua=mailto:a@b.example!10m,https://x/",
                    random);
                if (DmarcRecord.TryParse(text, out var record))
                {
                    Assert.True(
                        record.Policy is "none" or "quarantine" or "reject" && record.Percent is >= 0 and <= 100,
                        $"seed {seed}: {text}");
                }
            }
        }
    }

    [Fact]
    public void A_megabyte_of_tags_is_read_once()
    {
        var text = "v=DMARC1; p=none; " + string.Concat(Enumerable.Range(0, 100_000).Select(i => $"x{i}=1; "));

        Assert.True(DmarcRecord.TryParse(text, out _));
    }
}
