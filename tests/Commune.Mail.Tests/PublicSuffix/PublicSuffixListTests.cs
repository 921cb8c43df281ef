using Commune.Mail.Dns;
using Commune.Mail.PublicSuffix;
using Commune.Mail.Tests.Testing;

namespace Commune.Mail.Tests.PublicSuffix;

public class PublicSuffixListTests(ITestOutputHelper output)
{
    private static PublicSuffixList Of(params string[] lines) =>
        PublicSuffixList.Read(new StringReader(string.Join('\n', lines)));

    [Fact]
    public async Task Every_vector_of_the_list_gives_the_expected_domain()
    {
        var lines = await File.ReadAllLinesAsync(Machine.Conformance("public-suffix/test_psl.txt"));
        var failures = new List<string>();
        var count = 0;
        foreach (var line in lines)
        {
            if (!line.StartsWith("checkPublicSuffix(", StringComparison.Ordinal))
                continue;
            var pair = line["checkPublicSuffix(".Length..line.IndexOf(')', StringComparison.Ordinal)].Split(", ");
            // The list's own answers are in the spelling of the question; ours are always A-labels.
            var expected = pair[1] == "null" ? null : DnsName.TryNormalize(pair[1].Trim('\''), out var name) ? name : "?";
            var found = PublicSuffixList.Bundled.OrganizationalDomain(pair[0] == "null" ? "" : pair[0].Trim('\''));
            count++;
            if (found != expected)
                failures.Add($"{line} gives {found ?? "null"}");
        }

        output.WriteLine($"Public suffix vectors: {count - failures.Count} of {count}");
        Assert.Empty(failures);
        // The file has 82; four about the unlisted "local" are commented out in it.
        Assert.Equal(78, count);
    }

    [Fact]
    public void The_bundled_list_is_whole_and_has_a_date()
    {
        var list = PublicSuffixList.Bundled;

        Assert.InRange(list.Count, 9_000, 50_000);
        Assert.NotNull(list.Date);
        Assert.True(list.Date >= new DateOnly(2026, 7, 24));
    }

    [Fact]
    public void A_private_suffix_separates_its_tenants()
    {
        Assert.Equal("one.github.io", PublicSuffixList.Bundled.OrganizationalDomain("www.one.github.io"));
        Assert.Null(PublicSuffixList.Bundled.OrganizationalDomain("github.io"));
    }

    [Fact]
    public void A_wildcard_covers_one_label_and_an_exception_takes_one_out()
    {
        var list = Of("ck", "*.ck", "!www.ck");

        Assert.Null(list.OrganizationalDomain("a.ck"));
        Assert.Equal("b.a.ck", list.OrganizationalDomain("c.b.a.ck"));
        Assert.Equal("www.ck", list.OrganizationalDomain("mail.www.ck"));
        Assert.Equal("ck", list.SuffixOf("mail.www.ck"));
    }

    [Fact]
    public void A_wildcard_alone_leaves_its_parent_to_the_shorter_rule()
    {
        var list = Of("jp", "*.kobe.jp");

        Assert.Equal("kobe.jp", list.OrganizationalDomain("kobe.jp"));
        Assert.Null(list.OrganizationalDomain("c.kobe.jp"));
    }

    [Fact]
    public void An_unlisted_top_level_domain_is_a_suffix()
    {
        var list = Of("com");

        Assert.Equal("b.example", list.OrganizationalDomain("a.b.example"));
        Assert.Null(list.OrganizationalDomain("example"));
    }

    [Fact]
    public void U_labels_and_A_labels_are_the_same_name()
    {
        var list = Of("公司.cn", "cn");

        Assert.Equal("xn--85x722f.xn--55qx5d.cn", list.OrganizationalDomain("www.食狮.公司.cn"));
        Assert.Equal("xn--85x722f.xn--55qx5d.cn", list.OrganizationalDomain("WWW.XN--85X722F.XN--55QX5D.CN."));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData(".com")]
    [InlineData("a..com")]
    [InlineData("192.0.2.1")]
    [InlineData("[192.0.2.1]")]
    [InlineData("a b.com")]
    public void What_is_no_domain_name_has_no_organizational_domain(string text)
    {
        Assert.Null(PublicSuffixList.Bundled.OrganizationalDomain(text));
    }

    [Fact]
    public void The_version_line_dates_a_list()
    {
        var list = Of(
            "// VERSION: 2027-01-31_08-15-00_UTC", "// List of new gTLDs imported from x on 2026-07-24T16:40:16Z", "com");

        Assert.Equal(new DateOnly(2027, 1, 31), list.Date);
        Assert.Equal("2027-01-31_08-15-00_UTC", list.Version);
    }

    [Fact]
    public void A_mutated_name_ends_with_its_suffix_or_has_none()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        foreach (var random in new[] { new Random(1), new Random(seed) })
        {
            for (var i = 0; i < 20_000; i++)
            {
                var name = Mutation.Of("www.city.kobe.jp.食狮.公司.cn.example.co.uk", random);
                var suffix = PublicSuffixList.Bundled.SuffixOf(name);
                var organization = PublicSuffixList.Bundled.OrganizationalDomain(name);

                Assert.True(organization is null || organization.EndsWith("." + suffix, StringComparison.Ordinal), name);
            }
        }
    }

    [Fact]
    public void Lines_that_are_no_rules_are_ignored()
    {
        var list = Of("", "   ", "// com", "!com", "a..b", "net // the rest of a line", "*.*.org", new string('x', 70));

        Assert.Equal(1, list.Count);
        Assert.Equal("a.net", list.OrganizationalDomain("www.a.net"));
    }
}
