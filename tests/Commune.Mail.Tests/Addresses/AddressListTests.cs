using Commune.Mail.Addresses;

namespace Commune.Mail.Tests.Addresses;

public sealed class AddressListTests
{
    private static string Read(string? value) =>
        string.Join(" | ", AddressList.Parse(value).Select(mailbox => $"{mailbox.DisplayName}[{mailbox.Address}]"));

    [Theory]
    // RFC 5322 appendix A.1.1 to A.1.3, A.5, A.6.1
    [InlineData("John Doe <jdoe@machine.example>", "John Doe[jdoe@machine.example]")]
    [InlineData("\"Joe Q. Public\" <john.q.public@example.com>", "Joe Q. Public[john.q.public@example.com]")]
    [InlineData("Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>", "Mary Smith[mary@x.test] | [jdoe@example.org] | Who?[one@y.test]")]
    [InlineData("<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <sysservices@example.net>", "[boss@nil.test] | Giant; \"Big\" Box[sysservices@example.net]")]
    [InlineData("A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;", "Ed Jones[c@a.test] | [joe@where.test] | John[jdoe@one.test]")]
    [InlineData("Undisclosed recipients:;", "")]
    [InlineData("Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", "Pete[pete@silly.test]")]
    [InlineData("A Group(Some people)\r\n     :Chris Jones <c@(Chris's host.)public.example>,\r\n  joe@example.org,\r\n John <jdoe@one.test> (my dear friend); (the end of the group)", "Chris Jones[c@public.example] | [joe@example.org] | John[jdoe@one.test]")]
    [InlineData("(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;", "")]
    [InlineData("Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example", "Mary Smith[mary@example.net] | [jdoe@test.example]")]
    [InlineData("Joe <@a.test,@b.test:joe@c.test>", "Joe[joe@c.test]")]
    public void The_examples_of_RFC_5322_are_read(string value, string expected) => Assert.Equal(expected, Read(value));

    [Theory]
    [InlineData("kim@example.com (Kim Lee)", "Kim Lee[kim@example.com]")]
    [InlineData("=?utf-8?Q?Zo=C3=AB?= <zoe@example.com>", "Zoë[zoe@example.com]")]
    [InlineData("\"=?utf-8?B?Wm/Dqw==?=\" <zoe@example.com>", "Zoë[zoe@example.com]")]
    [InlineData("=?utf-8?Q?Doe,_John?= <j@example.com>, k@example.com", "Doe, John[j@example.com] | [k@example.com]")]
    [InlineData("=?utf-8?Q?a?= =?utf-8?Q?b?= <j@example.com>", "ab[j@example.com]")]
    [InlineData("Zoë <zoe@BÜCHER.example>", "Zoë[zoe@bücher.example]")]
    [InlineData("a@example.com; b@example.com", "[a@example.com] | [b@example.com]")]
    [InlineData("\"never closed <a@example.com>, b@example.com", "never closed[a@example.com] | [b@example.com]")]
    [InlineData("Kim <kim@example.com, lee@example.com", "Kim[kim@example.com] | [lee@example.com]")]
    [InlineData("garbage, , <>, <nothing>, kim@example.com", "[kim@example.com]")]
    [InlineData("'kim@example.com' <kim@example.com>", "kim@example.com[kim@example.com]")]
    [InlineData("kim@example.com <kim@example.com>", "kim@example.com[kim@example.com]")]
    [InlineData("\"john doe\"@example.com", "[\"john doe\"@example.com]")]
    [InlineData("Kim <kim@[192.0.2.1]>", "Kim[kim@[192.0.2.1]]")]
    [InlineData("never closed (a <a@example.com>, b@example.com", "never closed a[a@example.com] | [b@example.com]")]
    [InlineData("a\u0001b@example.com, c@example.com", "[c@example.com]")]
    [InlineData("a@b@example.com", "[\"a@b\"@example.com]")]
    [InlineData("", "")]
    [InlineData(null, "")]
    [InlineData("<<kim@example.com>>", "[kim@example.com]")]
    [InlineData("undisclosed-recipients:;", "")]
    [InlineData("undisclosed-recipients: ;", "")]
    [InlineData("<undisclosed-recipients:;>", "")]
    [InlineData("\"undisclosed-recipients\":;", "")]
    [InlineData("Doe, John <john@example.com>", "Doe, John[john@example.com]")]
    [InlineData("Doe, John <john@example.com>, Lee, Kim <kim@example.com>", "Doe, John[john@example.com] | Lee, Kim[kim@example.com]")]
    [InlineData("a@example.com, Doe, John <john@example.com>", "[a@example.com] | Doe, John[john@example.com]")]
    [InlineData("Example Ltd., Support, Parcels <p@example.com>", "Example Ltd., Support, Parcels[p@example.com]")]
    [InlineData("Müller, Zoë (Köln) <zoe@example.com>", "Müller, Zoë[zoe@example.com]")]
    [InlineData("Kim Lee kim@example.com", "Kim Lee[kim@example.com]")]
    [InlineData("Kim Lee kim@example.com, lee@example.com", "Kim Lee[kim@example.com] | [lee@example.com]")]
    [InlineData("\"Kim Lee\" kim@example.com", "Kim Lee[kim@example.com]")]
    [InlineData("\"Kim\" \"Lee\" <kim@example.com>", "Kim Lee[kim@example.com]")]
    [InlineData("Kim <kim@example.com> trailing junk", "Kim[kim@example.com]")]
    [InlineData("Kim <kim@example.com> (at work), b@example.com", "Kim[kim@example.com] | [b@example.com]")]
    [InlineData("Kim <kim@example.com> Lee <lee@example.com>", "Kim[kim@example.com] | Lee[lee@example.com]")]
    [InlineData("kim@example.com lee@example.com", "[kim@example.com] | [lee@example.com]")]
    [InlineData("kim@example.com>", "[kim@example.com]")]
    [InlineData("<kim@example.com", "[kim@example.com]")]
    [InlineData("<mailto:kim@example.com>", "[kim@example.com]")]
    [InlineData("mailto:kim@example.com", "[kim@example.com]")]
    [InlineData("Kim <\"kim\"@example.com>", "Kim[kim@example.com]")]
    [InlineData("\"much.more unusual\"@example.com", "[\"much.more unusual\"@example.com]")]
    [InlineData("\"very.\\\"quoted\\\" @ part\"@example.com", "[\"very.\\\"quoted\\\" @ part\"@example.com]")]
    [InlineData("k..im@example.com", "[k..im@example.com]")]
    [InlineData(".kim.@example.com", "[.kim.@example.com]")]
    [InlineData("kim@example.com.", "[kim@example.com]")]
    [InlineData("Kim @ Example <kim@example.com>", "Kim @ Example[kim@example.com]")]
    [InlineData("kim@example.com via List <list@example.org>", "kim@example.com via List[list@example.org]")]
    [InlineData("Re: Kim <kim@example.com>", "Kim[kim@example.com]")]
    [InlineData("=?utf-8?Q?=22M=C3=BCller=2C_Zo=C3=AB=22?= <zoe@example.com>", "Müller, Zoë[zoe@example.com]")]
    [InlineData("=?utf-8?B?TcO8bGxlciwgWm/Dqw==?= <zoe@example.com>, k@example.com", "Müller, Zoë[zoe@example.com] | [k@example.com]")]
    [InlineData("=?utf-8?Q?Zo=C3=AB?=<zoe@example.com>", "Zoë[zoe@example.com]")]
    [InlineData("=?utf-8?Q?Zo=C3=AB_=3Czoe=40example.com=3E?=", "")]
    [InlineData("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?= <a@example.jp>", "日本[a@example.jp]")]
    [InlineData("用户@例え.jp", "[用户@例え.jp]")]
    [InlineData("Zoë <zoë@bücher.example>", "Zoë[zoë@bücher.example]")]
    [InlineData("Kim <kim@xn--bcher-kva.example>", "Kim[kim@xn--bcher-kva.example]")]
    [InlineData("Kim <@a.test,@b.test:kim@example.com>", "Kim[kim@example.com]")]
    [InlineData("@a.test:kim@example.com", "[kim@example.com]")]
    [InlineData("Team: a@example.com, Lee, Kim <k@example.com>; c@example.com", "[a@example.com] | Lee, Kim[k@example.com] | [c@example.com]")]
    [InlineData("A:a@example.com;, B:b@example.com;", "[a@example.com] | [b@example.com]")]
    [InlineData("(only a comment)", "")]
    [InlineData("kim(comment)@(comment)example.com", "comment[kim@example.com]")]
    [InlineData("MAILER-DAEMON", "")]
    [InlineData("<>", "")]
    [InlineData("root", "")]
    [InlineData("'Kim Lee' <kim@example.com>", "Kim Lee[kim@example.com]")]
    [InlineData("\"'Kim Lee' via Parcels\" <p@example.com>", "'Kim Lee' via Parcels[p@example.com]")]
    [InlineData("\u202AKim\u202C <kim@example.com>", "Kim[kim@example.com]")]
    [InlineData("Kim\u00A0Lee <kim@example.com>", "Kim Lee[kim@example.com]")]
    [InlineData("kim@example.com\u200B", "[kim@example.com]")]
    [InlineData("<kim @example.com>", "[kim@example.com]")]
    [InlineData("Kim <kim@example.com>;Lee <lee@example.com>;", "Kim[kim@example.com] | Lee[lee@example.com]")]
    [InlineData("\"kim@example.com\" <lee@example.com>", "kim@example.com[lee@example.com]")]
    [InlineData("kim@[IPv6:2001:db8::1]", "[kim@[ipv6:2001:db8::1]]")]
    [InlineData("a@b.example c", "[a@b.example]")]
    public void What_mail_really_carries_is_read(string? value, string expected) => Assert.Equal(expected, Read(value));

    [Fact]
    public void An_encoded_word_cannot_add_a_recipient() =>
        Assert.Equal("a@example.com", Assert.Single(AddressList.Parse("=?utf-8?Q?x=40evil.test=2C?= <a@example.com>")).Address);

    [Fact]
    public void An_encoded_word_cannot_bring_a_line_break_into_a_name() =>
        Assert.Equal("a b", AddressList.Parse("=?utf-8?Q?a=0D=0Ab?= <a@example.com>")[0].DisplayName);

    [Fact]
    public void At_most_ten_thousand_addresses_are_read() =>
        Assert.Equal(10_000, AddressList.Parse(string.Join(',', Enumerable.Range(0, 20_000).Select(i => $"a{i}@b.c"))).Count);

    [Theory]
    [InlineData("<")]
    [InlineData("(")]
    [InlineData("\"")]
    [InlineData("=?a?q?x")]
    [InlineData("=?a?q?x,")]
    [InlineData("a:")]
    [InlineData("\\")]
    [InlineData("\",")]
    [InlineData("\\\"")]
    [InlineData("<\\\"")]
    [InlineData("<(")]
    public void A_megabyte_of_openings_is_read_to_its_end(string opening) =>
        Assert.Empty(AddressList.Parse(string.Concat(Enumerable.Repeat(opening, 1_000_000 / opening.Length))));
}
