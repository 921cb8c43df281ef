using System.Text;
using Commune.Mail.Mime;

namespace Commune.Mail.Tests.Mime;

public sealed class TextDecodingTests
{
    private static string Decode(string contentType, byte[] body) =>
        MimeParser.Parse(Encoding.ASCII.GetBytes($"Content-Type: {contentType}\r\n\r\n").Concat(body).ToArray()).Root.DecodeText();

    [Theory]
    [InlineData("text/plain; charset=utf-8", "636166C3A9", "café")]
    [InlineData("text/plain; charset=utf8", "636166C3A9", "café")]
    [InlineData("text/plain; charset=\"UTF-8\"", "EFBBBF61", "a")]
    [InlineData("text/plain", "636166C3A9", "café")]
    [InlineData("text/plain", "636166E9", "café")]
    [InlineData("text/plain; charset=us-ascii", "80", "€")]
    [InlineData("text/plain; charset=iso-8859-1", "93E994", "“é”")]
    [InlineData("text/plain; charset=latin1", "E9", "é")]
    [InlineData("text/plain; charset=cp1252", "80", "€")]
    [InlineData("text/plain; charset=ansi_x3.110-1983", "E9", "é")]
    [InlineData("text/plain; charset=unknown-8bit", "C3A9", "é")]
    [InlineData("text/plain; charset=utf-8", "636166E9", "café")]
    [InlineData("text/plain; charset=utf-8", "C3A9FF", "é\uFFFD")]
    [InlineData("text/plain; charset=iso-8859-15", "A4", "€")]
    [InlineData("text/plain; charset=koi8-r", "F0D2C9", "При")]
    [InlineData("text/plain; charset=windows-1251", "CFF0E8", "При")]
    [InlineData("text/plain; charset=gb2312", "C4E3BAC3", "你好")]
    [InlineData("text/plain; charset=gb18030", "8139EE39", "㐀")]
    [InlineData("text/plain; charset=big5", "A741A66E", "你好")]
    [InlineData("text/plain; charset=x-sjis", "93FA967B", "日本")]
    [InlineData("text/plain; charset=euc-jp", "C6FCCBDC", "日本")]
    [InlineData("text/plain; charset=ks_c_5601-1987", "BEC8B3E7", "안녕")]
    [InlineData("text/plain; charset=iso-8859-8-i", "F9ECE5ED", "שלום")]
    [InlineData("text/plain; charset=utf-16le", "6100620000D8", "ab\uFFFD")]
    [InlineData("text/plain; charset=utf-16", "FEFF00610062", "ab")]
    [InlineData("text/plain; charset=utf-16", "FFFE61006200", "ab")]
    [InlineData("text/plain; charset=utf-16be", "00610062", "ab")]
    [InlineData("text/plain; charset=made-up", "C3A9", "é")]
    [InlineData("text/plain", "610062", "a\uFFFDb")]
    [InlineData("text/plain", "610D0A620D630A64", "a\nb\nc\nd")]
    public void Bytes_become_text(string contentType, string hex, string expected) =>
        Assert.Equal(expected, Decode(contentType, Convert.FromHexString(hex)));

    [Theory]
    [InlineData("a+-b", "a+b")]
    [InlineData("Hi Mom -+Jjo--!", "Hi Mom -☺-!")]
    [InlineData("+ZeVnLIqe-", "日本語")]
    [InlineData("+2AA-x", "\uFFFDx")]
    [InlineData("+", "")]
    [InlineData("+AGE", "a")]
    public void UTF_7_is_decoded_and_never_leaves_half_a_character(string text, string expected) =>
        Assert.Equal(expected, Decode("text/plain; charset=utf-7", Encoding.ASCII.GetBytes(text)));

    [Theory]
    [InlineData(65001, "utf-8")]
    [InlineData(1200, "utf-16le")]
    [InlineData(932, "shift_jis")]
    [InlineData(54936, "gb18030")]
    [InlineData(1252, "iso-8859-1")]
    public void A_large_text_is_decoded_as_a_small_one_is(int page, string charset)
    {
        var line = page == 1252 ? "Grüße\r\n\rx\n" : "日本語の荷物\r\n\rx\n";
        var text = string.Concat(Enumerable.Repeat(line, 60_000));
        var bytes = Charsets.OfPage(page)!.GetBytes("a\0" + text);
        Assert.True(bytes.Length > 512 * 1024);
        Assert.Equal("a\uFFFD" + text.ReplaceLineEndings("\n"), Decode($"text/plain; charset={charset}", bytes));
    }

    [Fact]
    public void A_flowed_part_is_joined() =>
        Assert.Equal("one two\nthree", Decode("text/plain; format=flowed", "one \r\ntwo\r\nthree"u8.ToArray()));

    [Fact]
    public void A_flowed_part_with_delsp_loses_the_space() =>
        Assert.Equal("日本", Decode("text/plain; charset=utf-8; format=Flowed; delsp=YES", Encoding.UTF8.GetBytes("日 \r\n本")));

    [Theory]
    [InlineData(1252, "Schöne Grüße aus Köln, das Päckchen ist da.")]
    [InlineData(1252, "Le colis a été reçu à la réception, ça marche.")]
    [InlineData(1252, "El señor llegó mañana, ¿verdad?")]
    [InlineData(1252, "naïve façade")]
    [InlineData(28592, "Zażółć gęślą jaźń, paczka została wysłana.")]
    [InlineData(28592, "Příliš žluťoučký kůň úpěl ďábelské ódy.")]
    [InlineData(1251, "Посылка пришла сегодня утром, спасибо.")]
    [InlineData(20866, "Посылка пришла сегодня утром, спасибо.")]
    [InlineData(28595, "Посылка пришла сегодня утром, спасибо.")]
    [InlineData(932, "荷物が届きました。ありがとうございます。")]
    [InlineData(51932, "荷物が届きました。ありがとうございます。")]
    [InlineData(50220, "荷物が届きました。ありがとうございます。")]
    [InlineData(949, "소포가 오늘 도착했습니다. 감사합니다.")]
    [InlineData(54936, "包裹今天早上到了，非常感谢你的帮助。")]
    [InlineData(950, "包裹今天早上到了，非常感謝你的幫助。")]
    public void Text_that_names_no_charset_is_guessed(int page, string text) =>
        Assert.Equal(text, Decode("text/plain", Charsets.OfPage(page)!.GetBytes(text)));
}
