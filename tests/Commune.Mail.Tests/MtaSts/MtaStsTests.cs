using Commune.Mail.MtaSts;

namespace Commune.Mail.Tests.MtaSts;

public sealed class MtaStsTests
{
    [Theory]
    [InlineData("v=STSv1; id=20160831085700Z;", "20160831085700Z")]
    [InlineData("v=STSv1;id=1", "1")]
    [InlineData("v=STSv1 ; id = a1 ; other=x", "a1")]
    [InlineData("v=STSv1; id=;", null)]
    [InlineData("v=STSv1; id=has-hyphen", null)]
    [InlineData("v=STSv1; id=123456789012345678901234567890123", null)]
    [InlineData("v=STSv1; id=1; id=2", null)]
    [InlineData("v=STSv1;", null)]
    [InlineData("v=spf1 -all", null)]
    [InlineData("", null)]
    public void The_record_gives_the_id_of_the_policy(string text, string? id) => Assert.Equal(id, MtaStsRecord.FindId([text]));

    [Fact]
    public void Two_records_are_as_good_as_none_and_others_do_not_count()
    {
        Assert.Null(MtaStsRecord.FindId(["v=STSv1; id=1", "v=STSv1; id=1"]));
        Assert.Equal("1", MtaStsRecord.FindId(["something else", "v=STSv1; id=1"]));
    }

    [Fact]
    public void A_policy_is_read()
    {
        var policy = MtaStsPolicy.Parse("version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.Example.net\r\nmx: backup.example.org.\r\nmax_age: 604800\r\nfuture: 1\r\n");
        Assert.NotNull(policy);
        Assert.Equal((MtaStsMode.Enforce, TimeSpan.FromDays(7)), (policy.Mode, policy.MaxAge));
        Assert.Equal(["mail.example.com", "*.example.net", "backup.example.org"], policy.Hosts);
    }

    [Theory]
    [InlineData("")]
    [InlineData("version: STSv2\nmode: none\nmax_age: 1")]
    [InlineData("mode: none\nmax_age: 1")]
    [InlineData("version: STSv1\nmax_age: 1\nmx: a.example")]
    [InlineData("version: STSv1\nmode: strict\nmax_age: 1\nmx: a.example")]
    [InlineData("version: STSv1\nmode: enforce\nmax_age: 1")]
    [InlineData("version: STSv1\nmode: enforce\nmx: a.example")]
    [InlineData("version: STSv1\nmode: enforce\nmx: a.example\nmax_age: -1")]
    [InlineData("version: STSv1\nmode: enforce\nmx: a.example\nmax_age: soon")]
    public void What_lacks_a_part_is_no_policy(string text) => Assert.Null(MtaStsPolicy.Parse(text));

    [Fact]
    public void A_policy_of_no_mode_needs_no_hosts_and_an_age_is_a_year_at_most()
    {
        Assert.Equal(MtaStsMode.None, MtaStsPolicy.Parse("version: STSv1\nmode: none\nmax_age: 99999999999\n")!.Mode);
        Assert.InRange(MtaStsPolicy.Parse("version: STSv1\nmode: none\nmax_age: 99999999999\n")!.MaxAge, TimeSpan.Zero, TimeSpan.FromDays(366));
    }

    [Theory]
    [InlineData("mail.example.com", "mail.example.com", true)]
    [InlineData("mail.example.com", "MAIL.example.com.", true)]
    [InlineData("*.example.com", "mx1.example.com", true)]
    [InlineData("*.example.com", "a.mx1.example.com", false)]
    [InlineData("*.example.com", "example.com", false)]
    [InlineData("*.example.com", ".example.com", false)]
    [InlineData("mail.example.com", "mail.example.com.evil.test", false)]
    public void A_wildcard_stands_for_one_label(string pattern, string host, bool allowed) =>
        Assert.Equal(allowed, new MtaStsPolicy(MtaStsMode.Enforce, [pattern], TimeSpan.FromDays(1)).Allows(host));

    [Fact]
    public void Noise_is_refused_without_an_exception()
    {
        var random = new Random(7);
        var sample = "version: STSv1\nmode: enforce\nmx: *.a.example\nmax_age: 604800\n".ToCharArray();
        for (var i = 0; i < 20_000; i++)
        {
            var text = (char[])sample.Clone();
            for (var n = random.Next(1, 6); n > 0; n--)
                text[random.Next(text.Length)] = (char)random.Next(0, 300);
            MtaStsPolicy.Parse(new string(text))?.Allows(new string(text, 0, 20));
            MtaStsRecord.FindId([new string(text), "v=STSv1;" + new string(text)]);
        }
    }
}
