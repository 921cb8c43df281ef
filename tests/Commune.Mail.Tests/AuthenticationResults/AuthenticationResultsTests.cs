using System.Text;
using Commune.Mail.AuthenticationResults;

namespace Commune.Mail.Tests.AuthenticationResults;

public class AuthenticationResultsTests
{
    [Fact]
    public void A_field_has_its_results_with_reason_and_properties()
    {
        var header = new AuthenticationResultsHeader("mx.example.org")
            .Add(new AuthenticationMethodResult("spf", "pass", new AuthenticationProperty("smtp", "mailfrom", "kim@example.com")))
            .Add(new AuthenticationMethodResult("dkim", "fail", new AuthenticationProperty("header", "d", "example.com"), new AuthenticationProperty("header", "b", "aB3+/=xy"))
            {
                Reason = "the body hash does not match",
            });
        Assert.Equal(
            "Authentication-Results: mx.example.org;\r\n\tspf=pass smtp.mailfrom=kim@example.com;\r\n"
            + "\tdkim=fail reason=\"the body hash does not match\" header.d=example.com\r\n\t header.b=\"aB3+/=xy\"\r\n",
            Encoding.UTF8.GetString(header.ToField()));
        Assert.Equal("spf=pass smtp.mailfrom=kim@example.com; dkim=fail reason=\"the body hash does not match\" header.d=example.com header.b=\"aB3+/=xy\"", header.Results);
    }

    [Fact]
    public void No_results_are_none()
    {
        Assert.Equal("Authentication-Results: mx.example.org; none\r\n", Encoding.UTF8.GetString(new AuthenticationResultsHeader("mx.example.org").ToField()));
        Assert.Equal("mx.example.org; none", new AuthenticationResultsHeader("mx.example.org").ToString());
    }

    [Theory]
    [InlineData("a@b\r\nX-Forged: yes", "\"a@b  X-Forged: yes\"")]
    [InlineData("x; dmarc=pass", "\"x; dmarc=pass\"")]
    [InlineData("a\" b=\"c", "\"a\\\" b=\\\"c\"")]
    [InlineData("back\\slash", "\"back\\\\slash\"")]
    [InlineData("(comment", "\"(comment\"")]
    [InlineData("", "\"\"")]
    [InlineData("@example.org", "@example.org")]
    [InlineData("a b@example.org", "\"a b@example.org\"")]
    public void A_value_can_end_neither_its_result_nor_the_field(string value, string written)
    {
        var header = new AuthenticationResultsHeader("mx.example.org")
            .Add(new AuthenticationMethodResult("spf", "fail", new AuthenticationProperty("smtp", "mailfrom", value)));
        Assert.Equal("spf=fail smtp.mailfrom=" + written, header.Results);
        Assert.Equal(2, Encoding.UTF8.GetString(header.ToField()).Split("\r\n\t").Length);
    }

    [Fact]
    public void Lines_stay_short_whatever_the_values_are()
    {
        var properties = Enumerable.Range(0, 20).Select(_ => new AuthenticationProperty("header", "d", new string('x', 5_000))).ToArray();
        var header = new AuthenticationResultsHeader("mx.example.org").Add(new AuthenticationMethodResult("dkim", "fail", properties));
        Assert.All(Encoding.UTF8.GetString(header.ToField()).Split("\r\n"), line => Assert.InRange(line.Length, 0, 998));
    }

    [Theory]
    [InlineData("spf pass")]
    [InlineData("")]
    [InlineData("spf;x")]
    public void A_method_that_is_no_keyword_is_refused(string method) => Assert.Throws<ArgumentException>(
        () => new AuthenticationResultsHeader("mx.example.org").Add(new AuthenticationMethodResult(method, "pass")));

    [Theory]
    [InlineData(" mx.example.org; spf=pass", "mx.example.org")]
    [InlineData("\r\n\tmx.example.org 1;\r\n spf=pass", "mx.example.org")]
    [InlineData(" (a (nested\\)) comment) mx.example.org(x); none", "mx.example.org")]
    [InlineData(" \"mx.exam\\ple.org\"; none", "mx.example.org")]
    [InlineData(" MX.Example.ORG", "MX.Example.ORG")]
    [InlineData(" ; spf=pass", null)]
    [InlineData("", null)]
    [InlineData(" (never closed", null)]
    public void The_authserv_id_is_found(string value, string? id) =>
        Assert.Equal(id, AuthenticationResultsReader.AuthservId(Encoding.UTF8.GetBytes(value)));

    [Fact]
    public void Fields_with_our_id_are_removed_and_nothing_else_changes()
    {
        const string Before =
            "Received: from a\r\nAuthentication-Results: mx.example.org; spf=pass\r\n\tsmtp.mailfrom=a@b\r\n"
            + "authentication-results :\r\n (hidden) MX.EXAMPLE.ORG 1; dkim=pass\r\nFrom: \xff a\r\n \tfolded \r\n"
            + "Authentication-Results: \"mx.example.org\"; none\r\nAuthentication-Results: mx.example.com; spf=pass\r\n"
            + "ARC-Authentication-Results: i=1; mx.example.org; spf=pass\r\nX-Authentication-Results: mx.example.org\r\n"
            + "\r\nAuthentication-Results: mx.example.org; in the body\r\n.\n\r";
        const string After =
            "Received: from a\r\nFrom: \xff a\r\n \tfolded \r\nAuthentication-Results: mx.example.com; spf=pass\r\n"
            + "ARC-Authentication-Results: i=1; mx.example.org; spf=pass\r\nX-Authentication-Results: mx.example.org\r\n"
            + "\r\nAuthentication-Results: mx.example.org; in the body\r\n.\n\r";
        Assert.Equal(After, Encoding.Latin1.GetString(AuthenticationResultsHeader.RemoveForged(Encoding.Latin1.GetBytes(Before), "mx.example.org")));
    }

    [Fact]
    public void What_is_built_is_removed_again()
    {
        var field = new AuthenticationResultsHeader("mx.bücher.example").Add(new AuthenticationMethodResult("spf", "none")).ToField();
        Assert.Empty(AuthenticationResultsHeader.RemoveForged(field, "mx.xn--bcher-kva.example"));
    }
}
