using System.Text;
using Commune.Mail.Mime;

namespace Commune.Mail.Tests.Mime;

public sealed class CharsetTests
{
    [Theory]
    [InlineData("utf8", 65001)]
    [InlineData("UTF-8", 65001)]
    [InlineData("utf_8", 65001)]
    [InlineData("unicode-1-1-utf-8", 65001)]
    [InlineData("x-utf-8", 65001)]
    [InlineData("utf-8-mac", 65001)]
    [InlineData("csUTF8", 65001)]
    [InlineData("iso-8859-1", 1252)]
    [InlineData("ISO8859_1", 1252)]
    [InlineData("iso88591", 1252)]
    [InlineData("latin1", 1252)]
    [InlineData("cp1252", 1252)]
    [InlineData("cp-1252", 1252)]
    [InlineData("windows-1252", 1252)]
    [InlineData("win1252", 1252)]
    [InlineData("x-cp1252", 1252)]
    [InlineData("ansi", 1252)]
    [InlineData("iso-8859-2", 28592)]
    [InlineData("cp1250", 1250)]
    [InlineData("x-cp1250", 1250)]
    [InlineData("cp1251", 1251)]
    [InlineData("x-cp1251", 1251)]
    [InlineData("windows-1251", 1251)]
    [InlineData("win-1251", 1251)]
    [InlineData("koi8-r", 20866)]
    [InlineData("koi8-u", 21866)]
    [InlineData("koi8-ru", 21866)]
    [InlineData("koi", 20866)]
    [InlineData("iso-8859-5", 28595)]
    [InlineData("iso-8859-7", 28597)]
    [InlineData("windows-1253", 1253)]
    [InlineData("iso-8859-8", 28598)]
    [InlineData("iso-8859-8-i", 1255)]
    [InlineData("windows-1255", 1255)]
    [InlineData("windows-1256", 1256)]
    [InlineData("iso-8859-6", 28596)]
    [InlineData("iso-8859-9", 1254)]
    [InlineData("windows-1257", 1257)]
    [InlineData("iso-8859-13", 28603)]
    [InlineData("iso-8859-15", 28605)]
    [InlineData("latin-9", 28605)]
    [InlineData("windows-1258", 1258)]
    [InlineData("windows-874", 874)]
    [InlineData("tis-620", 874)]
    [InlineData("iso-8859-11", 874)]
    [InlineData("dos-874", 874)]
    [InlineData("x-sjis", 932)]
    [InlineData("shift_jis", 932)]
    [InlineData("shift-jis", 932)]
    [InlineData("ms932", 932)]
    [InlineData("windows-31j", 932)]
    [InlineData("csShiftJIS", 932)]
    [InlineData("iso-2022-jp", 50220)]
    [InlineData("csISO2022JP", 50220)]
    [InlineData("euc-jp", 51932)]
    [InlineData("gb2312", 54936)]
    [InlineData("gbk", 54936)]
    [InlineData("gb18030", 54936)]
    [InlineData("x-gbk", 54936)]
    [InlineData("cp936", 54936)]
    [InlineData("windows-936", 54936)]
    [InlineData("chinesesimplified", 54936)]
    [InlineData("gb_2312-80", 54936)]
    [InlineData("hz-gb-2312", 52936)]
    [InlineData("big5", 950)]
    [InlineData("big5-hkscs", 950)]
    [InlineData("cp950", 950)]
    [InlineData("cn-big5", 950)]
    [InlineData("ks_c_5601-1987", 949)]
    [InlineData("ks_c_5601-1989", 949)]
    [InlineData("euc-kr", 949)]
    [InlineData("cp949", 949)]
    [InlineData("windows-949", 949)]
    [InlineData("korean", 949)]
    [InlineData("iso-2022-kr", 50225)]
    [InlineData("macintosh", 10000)]
    [InlineData("x-mac-roman", 10000)]
    [InlineData("cp437", 437)]
    [InlineData("ibm850", 850)]
    [InlineData("cp866", 866)]
    public void A_charset_is_known_by_every_name_that_mail_gives_it(string name, int page) => Assert.Equal(page, Charsets.Find(name)?.CodePage);

    [Theory]
    [InlineData("no-such-charset")]
    [InlineData("")]
    [InlineData("cp99999")]
    [InlineData("windows-")]
    [InlineData("../../etc/passwd")]
    public void A_charset_that_nobody_knows_is_none(string name) => Assert.Null(Charsets.Find(name));

    [Theory]
    [InlineData("utf-8; format=flowed", 65001)]
    [InlineData("\"utf-8\"", 65001)]
    [InlineData("'iso-8859-1'", 1252)]
    [InlineData(" utf-8 ", 65001)]
    [InlineData("charset=utf-8", 65001)]
    public void A_name_with_something_around_it_is_still_known(string name, int page) => Assert.Equal(page, Charsets.Choose(name, "x"u8).CodePage);

    [Theory]
    [InlineData("unicode-1-1-utf-7")]
    [InlineData("UTF-7")]
    [InlineData("x-unicode-2-0-utf-7")]
    [InlineData("csUnicode11UTF7")]
    public void UTF_7_is_read_by_our_own_decoder(string name) => Assert.Equal("é", Charsets.Decode(name, "+AOk-"u8));

    [Theory]
    // A label that is wrong for the bytes.
    [InlineData("iso-8859-1", "caf\u00C3\u00A9 au lait", "café au lait")]
    [InlineData("us-ascii", "caf\u00E9", "café")]
    [InlineData("utf-8", "caf\u00E9", "café")]
    [InlineData("utf-16", "plain ascii text", "plain ascii text")]
    [InlineData("iso-2022-jp", "caf\u00C3\u00A9", "café")]
    public void A_label_that_cannot_be_true_is_not_believed(string label, string bytes, string expected) =>
        Assert.Equal(expected, Charsets.Decode(label, Encoding.Latin1.GetBytes(bytes)));

    [Fact]
    public void A_field_may_mix_charsets()
    {
        // A header in Windows-1251 and one in UTF-8: each is guessed for itself.
        var message = MimeParser.Parse((byte[])[.. "Subject: "u8, .. Charsets.OfPage(1251)!.GetBytes("Посылка пришла сегодня"), .. "\r\nX: Посылка\r\n\r\n"u8]);
        Assert.Equal("Посылка пришла сегодня", message.Subject);
        Assert.Equal("Посылка", message.Headers.Get("X"));
    }

    [Fact]
    public void A_raw_field_is_guessed_with_the_charset_of_the_body_in_mind()
    {
        // Too short to guess from its letters alone: what the body says is the better witness.
        var message = MimeParser.Parse((byte[])[.. "Subject: "u8, .. Charsets.OfPage(20866)!.GetBytes("Да"), .. "\r\nContent-Type: text/plain; charset=koi8-r\r\n\r\n"u8, .. Charsets.OfPage(20866)!.GetBytes("Посылка")]);
        Assert.Equal("Да", message.Subject);
    }

    [Fact]
    public void Parts_of_one_message_may_have_their_own_charsets()
    {
        var message = Eml.Parse("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=koi8-r\n\n\u00F0\u00D2\u00C9\n--b\nContent-Type: text/plain; charset=shift_jis\n\n\u0093\u00FA\u0096{\n--b--");
        Assert.Equal("При\n\n日本", MessageContent.From(message).Text);
    }

    [Fact]
    public void HTML_without_a_declared_charset_is_read_by_its_own() =>
        Assert.Contains("Посылка", MessageContent.From(MimeParser.Parse((byte[])[.. "Content-Type: text/html\r\n\r\n<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=koi8-r\"></head>"u8, .. Charsets.OfPage(20866)!.GetBytes("<p>Посылка</p>")])).Text, StringComparison.Ordinal);
}
