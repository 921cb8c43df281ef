using Commune.Mail.Mime;

namespace Commune.Mail.Tests.Mime;

public sealed class EncodedWordsTests
{
    [Theory]
    // RFC 2047 §8
    [InlineData("=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>", "Keith Moore <moore@cs.utk.edu>")]
    [InlineData("=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?= <keld@dkuug.dk>", "Keld Jørn Simonsen <keld@dkuug.dk>")]
    [InlineData("=?ISO-8859-1?Q?Andr=E9?= Pirard", "André Pirard")]
    [InlineData("=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?= =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=", "If you can read this you understand the example.")]
    [InlineData("=?ISO-8859-1?Q?Olle_J=E4rnefors?=", "Olle Järnefors")]
    [InlineData("=?ISO-8859-1?Q?Patrik_F=E4ltstr=F6m?=", "Patrik Fältström")]
    [InlineData("=?iso-8859-8?b?7eXs+SDv4SDp7Oj08A==?=", "םולש ןב ילטפנ")]
    [InlineData("(=?ISO-8859-1?Q?a?=)", "(a)")]
    [InlineData("(=?ISO-8859-1?Q?a?= b)", "(a b)")]
    [InlineData("(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)", "(ab)")]
    [InlineData("(=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)", "(ab)")]
    [InlineData("(=?ISO-8859-1?Q?a_b?=)", "(a b)")]
    [InlineData("(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)", "(a b)")]
    // RFC 2231 §5
    [InlineData("=?US-ASCII*EN?Q?Keith_Moore?=", "Keith Moore")]
    public void The_examples_of_the_standards_are_decoded(string text, string expected) => Assert.Equal(expected, EncodedWords.Decode(text));

    [Theory]
    [InlineData("=?utf-8?Q?caf=c3=a9?=", "café")]
    [InlineData("=?utf-8?Q?caf=C3?= =?utf-8?Q?=A9?=", "café")]
    [InlineData("=?UTF-8?B?Y2Fm?= =?utf-8?B?w6k=?=", "café")]
    [InlineData("=?utf-8?B?w6k?=", "é")]
    [InlineData("=?utf-8?B?w6k===?=", "é")]
    [InlineData("=?utf-8?Q?hello world?=", "hello world")]
    [InlineData("=?utf-8?Q??=", "")]
    [InlineData("a =?utf-8?Q?b?= c", "a b c")]
    [InlineData("=?utf-8?Q?a?=b", "ab")]
    [InlineData("=?utf-8?Q?=?= x", "= x")]
    [InlineData("=?utf-8?Q?100=?=", "100=")]
    [InlineData("=?utf-8?X?abc?=", "=?utf-8?X?abc?=")]
    [InlineData("=?utf-8?Q?never ends", "=?utf-8?Q?never ends")]
    [InlineData("=?? =?utf-8?Q?ok?=", "=?? ok")]
    [InlineData("=?no-such-charset?Q?caf=C3=A9?=", "café")]
    [InlineData("=?unknown-8bit?Q?caf=E9?=", "café")]
    [InlineData("=?gb2312?B?xOO6ww==?=", "你好")]
    [InlineData("=?ks_c_5601-1987?B?vsiz5w==?=", "안녕")]
    [InlineData("=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=", "日本")]
    [InlineData("=?x-sjis?B?k/qWew==?=", "日本")]
    [InlineData("=?utf-7?Q?+AGEAYg-c?=", "abc")]
    [InlineData("plain = ? text", "plain = ? text")]
    public void However_broken_a_word_is_what_can_be_read_is_read(string text, string expected) => Assert.Equal(expected, EncodedWords.Decode(text));

    [Theory]
    [InlineData("=?a?q?x ")]
    [InlineData("=?")]
    [InlineData("=?utf-8?Q?a?= ")]
    [InlineData("=?utf-8?Q?")]
    [InlineData("=?x?B?=?=")]
    public void A_megabyte_of_beginnings_stays_linear(string beginning)
    {
        var text = string.Concat(Enumerable.Repeat(beginning, 1_000_000 / beginning.Length));
        Assert.True(EncodedWords.Decode(text).Length <= text.Length);
    }

    [Fact]
    public void A_decoded_subject_cannot_hold_a_line_break()
    {
        var message = Eml.Parse("Subject: =?utf-8?Q?one=0D=0ABcc:_x=40y.z=00?=\n\n");
        Assert.Equal("one Bcc: x@y.z\uFFFD", message.Subject);
    }
}
