using Commune.Mail.Addresses;
using Commune.Mail.Dmarc;
using Commune.Mail.PublicSuffix;
using Commune.Mail.Spf;
using Commune.Mail.Tests.Dns;

namespace Commune.Mail.Tests.Dmarc;

public class DmarcVerifierTests
{
    private const string Reject = "v=DMARC1; p=reject";

    private static Mailbox From(string domain) => new(null, "someone", domain);

    private static SpfResult Spf(string result, string domain) => new(result, domain, "mfrom", null, null, null);

    private static async Task<DmarcResult> CheckAsync(
        ZoneResolver dns,
        string from,
        SpfResult? spf = null,
        (string, string)[]? dkim = null,
        int percentile = 0,
        bool treeWalk = false)
    {
        var verifier = new DmarcVerifier(
            dns, PublicSuffixList.Bundled, new DmarcSettings { TreeWalk = treeWalk }, () => percentile);
        return await verifier.CheckAsync(
            [.. from.Split(' ').Select(From)], spf, dkim ?? [], CancellationToken.None);
    }

    [Fact]
    public async Task A_signature_of_the_author_domain_passes()
    {
        var dns = new ZoneResolver().Txt("_dmarc.example.com", Reject);

        var result = await CheckAsync(dns, "example.com", Spf("fail", "example.com"), [("example.com", "pass")]);

        Assert.Equal(("pass", "dkim", "reject"), (result.Result, result.AlignedBy, result.Policy));
        Assert.Equal(("example.com", "example.com", Reject), (result.Domain, result.OrganizationalDomain, result.RecordText));
    }

    [Theory]
    [InlineData("v=DMARC1; p=reject", "bounce.example.com", "pass")]
    [InlineData("v=DMARC1; p=reject; aspf=s", "bounce.example.com", "fail")]
    [InlineData("v=DMARC1; p=reject; aspf=s", "EXAMPLE.com.", "pass")]
    [InlineData("v=DMARC1; p=reject", "example.org", "fail")]
    [InlineData("v=DMARC1; p=reject", "notexample.com", "fail")]
    [InlineData("v=DMARC1; p=reject", "com", "fail")]
    public async Task SPF_is_aligned_by_organization_or_exactly(string record, string mailFrom, string expected)
    {
        var dns = new ZoneResolver().Txt("_dmarc.example.com", record);

        Assert.Equal(expected, (await CheckAsync(dns, "example.com", Spf("pass", mailFrom))).Result);
    }

    [Theory]
    [InlineData("v=DMARC1; p=reject", "mail.example.com", "pass")]
    [InlineData("v=DMARC1; p=reject; adkim=s", "mail.example.com", "fail")]
    [InlineData("v=DMARC1; p=reject; adkim=s", "example.com", "pass")]
    public async Task DKIM_is_aligned_by_organization_or_exactly(string record, string signer, string expected)
    {
        var dns = new ZoneResolver().Txt("_dmarc.example.com", record);

        var result = await CheckAsync(dns, "example.com", dkim: [("other.example", "pass"), (signer, "pass")]);

        Assert.Equal(expected, result.Result);
    }

    [Fact]
    public async Task Tenants_of_a_public_suffix_are_not_aligned()
    {
        var dns = new ZoneResolver().Txt("_dmarc.one.github.io", Reject);

        Assert.Equal("fail", (await CheckAsync(dns, "one.github.io", dkim: [("two.github.io", "pass")])).Result);
    }

    [Fact]
    public async Task An_identifier_that_did_not_pass_does_not_count()
    {
        var dns = new ZoneResolver().Txt("_dmarc.example.com", Reject);

        var result = await CheckAsync(
            dns, "example.com", Spf("softfail", "example.com"), [("example.com", "fail"), ("example.com", "policy")]);

        Assert.Equal(("fail", "reject", (string?)null), (result.Result, result.Policy, result.AlignedBy));
    }

    [Fact]
    public async Task A_subdomain_without_record_is_governed_by_sp_of_its_organization()
    {
        var dns = new ZoneResolver().Txt("_dmarc.example.com", "v=DMARC1; p=reject; sp=quarantine");

        var result = await CheckAsync(dns, "news.example.com");

        Assert.Equal(("fail", "quarantine", "example.com"), (result.Result, result.Policy, result.RecordDomain));
    }

    [Fact]
    public async Task A_subdomain_with_a_record_is_governed_by_its_own_p()
    {
        var dns = new ZoneResolver()
            .Txt("_dmarc.example.com", "v=DMARC1; p=reject")
            .Txt("_dmarc.news.example.com", "v=DMARC1; p=none; sp=reject");

        Assert.Equal("none", (await CheckAsync(dns, "news.example.com")).Policy);
    }

    [Fact]
    public async Task A_subdomain_that_does_not_exist_is_governed_by_np()
    {
        var dns = new ZoneResolver()
            .Txt("_dmarc.example.com", "v=DMARC1; p=none; np=reject")
            .Mx("real.example.com", 10, "mail.example.com")
            .Timeout("slow.example.com");

        Assert.Equal("reject", (await CheckAsync(dns, "made-up.example.com")).Policy);
        Assert.Equal("none", (await CheckAsync(dns, "real.example.com")).Policy);
        Assert.Equal("none", (await CheckAsync(dns, "slow.example.com")).Policy);
    }

    [Theory]
    [InlineData("v=DMARC1; p=reject; pct=30", 29, "reject")]
    [InlineData("v=DMARC1; p=reject; pct=30", 30, "quarantine")]
    [InlineData("v=DMARC1; p=quarantine; pct=0", 0, "none")]
    [InlineData("v=DMARC1; p=none; pct=0", 0, "none")]
    [InlineData("v=DMARC1; p=reject; t=y", 0, "quarantine")]
    public async Task A_message_outside_the_sample_gets_the_next_milder_policy(string record, int percentile, string policy)
    {
        var dns = new ZoneResolver().Txt("_dmarc.example.com", record);

        var result = await CheckAsync(dns, "example.com", percentile: percentile);

        Assert.Equal(("fail", policy), (result.Result, result.Policy));
        Assert.StartsWith(result.PublishedPolicy!, record["v=DMARC1; p=".Length..], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no record at all")]
    [InlineData("v=DMARC1")]
    public async Task Without_a_usable_record_the_result_is_none(string record)
    {
        var dns = new ZoneResolver().Txt("_dmarc.example.com", record);

        var result = await CheckAsync(dns, "example.com", Spf("pass", "example.com"));

        Assert.Equal(("none", (string?)null, (string?)null), (result.Result, result.Policy, result.RecordText));
    }

    [Fact]
    public async Task Several_records_are_as_good_as_none_and_end_the_search()
    {
        var dns = new ZoneResolver()
            .Txt("_dmarc.a.example.com", Reject)
            .Txt("_dmarc.a.example.com", "v=DMARC1; p=none")
            .Txt("_dmarc.example.com", Reject);

        Assert.Equal("none", (await CheckAsync(dns, "a.example.com")).Result);
    }

    [Fact]
    public async Task Other_TXT_records_at_the_name_do_not_disturb()
    {
        var dns = new ZoneResolver().Txt("_dmarc.example.com", "v=spf1 -all").Txt("_dmarc.example.com", Reject);

        Assert.Equal("fail", (await CheckAsync(dns, "example.com")).Result);
    }

    [Fact]
    public async Task A_time_out_of_the_record_is_a_temperror()
    {
        var result = await CheckAsync(new ZoneResolver().Timeout("_dmarc.example.com"), "example.com");

        Assert.Equal(("temperror", (string?)null), (result.Result, result.Policy));
    }

    [Theory]
    [InlineData("example.com", "temperror")]
    [InlineData("other.example", "fail")]
    public async Task Only_an_aligned_identifier_without_verdict_makes_the_message_undecided(string signer, string expected)
    {
        var dns = new ZoneResolver().Txt("_dmarc.example.com", Reject);

        Assert.Equal(expected, (await CheckAsync(dns, "example.com", dkim: [(signer, "temperror")])).Result);
        Assert.Equal(expected, (await CheckAsync(dns, "example.com", Spf("temperror", signer))).Result);
    }

    [Fact]
    public async Task Of_several_author_domains_the_strictest_that_fails_decides()
    {
        var dns = new ZoneResolver()
            .Txt("_dmarc.mild.example", "v=DMARC1; p=none").Txt("_dmarc.strict.example", Reject)
            .Txt("_dmarc.passing.example", Reject);

        var result = await CheckAsync(
            dns, "passing.example mild.example strict.example", dkim: [("passing.example", "pass")]);

        Assert.Equal(("fail", "reject", "strict.example"), (result.Result, result.Policy, result.Domain));
    }

    [Fact]
    public async Task A_domain_without_record_does_not_hide_behind_one_that_passes()
    {
        var dns = new ZoneResolver().Txt("_dmarc.passing.example", Reject);

        var result = await CheckAsync(dns, "passing.example victim.example", dkim: [("passing.example", "pass")]);

        Assert.Equal(("none", "victim.example"), (result.Result, result.Domain));
    }

    [Theory]
    [InlineData(".bank.example")]
    [InlineData("bank..example")]
    [InlineData("[bank.example]")]
    [InlineData("bank\u2024example")]
    [InlineData("bank.example\0")]
    [InlineData("bank/.example")]
    public async Task An_author_whose_domain_is_none_does_not_hide_behind_one_that_passes(string unusable)
    {
        var dns = new ZoneResolver().Txt("_dmarc.passing.example", Reject).Txt("_dmarc.failing.example", Reject);
        (string, string)[] signed = [("passing.example", "pass")];

        var before = await CheckAsync(dns, $"{unusable} passing.example", dkim: signed);
        var after = await CheckAsync(dns, $"passing.example {unusable}", dkim: signed);
        var failing = await CheckAsync(dns, $"{unusable} failing.example", dkim: signed);

        Assert.Equal(("permerror", ""), (before.Result, before.Domain));
        Assert.Equal(("permerror", ""), (after.Result, after.Domain));
        Assert.Equal(("fail", "reject"), (failing.Result, failing.Policy));
    }

    [Theory]
    [InlineData("bank.example", true)]
    [InlineData("mail.bank.example", true)]
    [InlineData("evilbank.example", false)]
    [InlineData("example", false)]
    [InlineData("bank.example.evil.example", false)]
    public void A_name_lies_within_a_domain_at_the_border_of_a_label(string name, bool expected) =>
        Assert.Equal(expected, AuthorDomain.IsWithin(name, "bank.example"));

    [Theory]
    [InlineData("[192.0.2.1]")]
    [InlineData("")]
    [InlineData("a.example b.example c.example d.example e.example f.example")]
    public async Task No_domain_or_too_many_are_a_permerror(string from)
    {
        var dns = new ZoneResolver();

        Assert.Equal("permerror", (await CheckAsync(dns, from)).Result);
        Assert.Empty(dns.Queries);
    }

    [Fact]
    public async Task An_internationalised_author_domain_is_asked_for_in_A_labels()
    {
        var dns = new ZoneResolver().Txt("_dmarc.xn--bcher-kva.example", Reject);

        var result = await CheckAsync(dns, "bücher.example", dkim: [("xn--bcher-kva.example", "pass")]);

        Assert.Equal(("pass", "xn--bcher-kva.example"), (result.Result, result.Domain));
    }

    [Fact]
    public async Task The_walk_takes_the_highest_record_as_the_organization()
    {
        var dns = new ZoneResolver().Txt("_dmarc.example.com", "v=DMARC1; p=reject; sp=quarantine");

        var result = await CheckAsync(dns, "a.b.example.com", dkim: [("c.example.com", "pass")], treeWalk: true);

        Assert.Equal(("pass", "example.com"), (result.Result, result.OrganizationalDomain));
        Assert.Equal("quarantine", (await CheckAsync(dns, "a.b.example.com", treeWalk: true)).Policy);
    }

    [Fact]
    public async Task The_walk_ends_at_psd_n_and_separates_what_lies_below()
    {
        var dns = new ZoneResolver()
            .Txt("_dmarc.unit.example.com", "v=DMARC1; p=none; psd=n").Txt("_dmarc.example.com", Reject);

        var result = await CheckAsync(dns, "mail.unit.example.com", dkim: [("example.com", "pass")], treeWalk: true);

        Assert.Equal(("fail", "unit.example.com"), (result.Result, result.OrganizationalDomain));
    }

    [Fact]
    public async Task Below_psd_y_the_organization_is_one_label_longer()
    {
        var dns = new ZoneResolver().Txt("_dmarc.bank", "v=DMARC1; p=reject; psd=y");

        var aligned = await CheckAsync(dns, "mail.one.bank", dkim: [("one.bank", "pass")], treeWalk: true);
        var other = await CheckAsync(dns, "mail.one.bank", dkim: [("two.bank", "pass")], treeWalk: true);

        Assert.Equal(("pass", "one.bank", "bank"), (aligned.Result, aligned.OrganizationalDomain, aligned.RecordDomain));
        Assert.Equal(("fail", "reject"), (other.Result, other.Policy));
    }

    [Fact]
    public async Task The_walk_asks_eight_questions_at_most()
    {
        var dns = new ZoneResolver();

        await CheckAsync(dns, "a.b.c.d.e.f.g.h.i.j.k.example.com", treeWalk: true);

        Assert.Equal(8, dns.Queries.Count);
        Assert.Equal("TXT _dmarc.g.h.i.j.k.example.com", dns.Queries[1]);
        Assert.Equal("TXT _dmarc.com", dns.Queries[7]);
    }

    [Fact]
    public async Task A_time_out_within_the_walk_is_a_temperror()
    {
        var dns = new ZoneResolver().Txt("_dmarc.a.example.com", Reject).Timeout("_dmarc.example.com");

        Assert.Equal("temperror", (await CheckAsync(dns, "a.example.com", treeWalk: true)).Result);
    }
}
