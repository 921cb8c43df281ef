using System.Text;
using Commune.Mail.Mime;

namespace Commune.Mail.Tests.Mime;

public sealed class TransferEncodingTests
{
    private static string Decode(string encoding, string body)
    {
        var message = MimeParser.Parse(Encoding.Latin1.GetBytes($"Content-Transfer-Encoding: {encoding}\r\n\r\n{body}"));
        Assert.Equal(message.Root.DecodedLength, message.Root.DecodeBody().Length);
        return Encoding.Latin1.GetString(message.Root.DecodeBody());
    }

    [Theory]
    // RFC 2045 §6.7
    [InlineData("Now's the time =\r\nfor all folk to come=\r\n to the aid of their country.", "Now's the time for all folk to come to the aid of their country.")]
    [InlineData("a=3Db=20\r\nc", "a=b \r\nc")]
    [InlineData("soft=  \t\r\nbreak", "softbreak")]
    [InlineData("soft=\nbreak", "softbreak")]
    [InlineData("trailing  \t\r\nspace   ", "trailing\r\nspace")]
    [InlineData("kept=20 \r\nx", "kept \r\nx")]
    [InlineData("=e9=c3=A9", "é\u00C3\u00A9")]
    [InlineData("a=ZZb", "a=ZZb")]
    [InlineData("a=", "a")]
    [InlineData("a=4", "a=4")]
    [InlineData("a==3D", "a==")]
    [InlineData("é", "é")]
    [InlineData("", "")]
    [InlineData("=\r\n=\r\n", "")]
    public void Quoted_printable_is_decoded_however_broken(string body, string expected) =>
        Assert.Equal(expected, Decode("Quoted-Printable", body));

    [Theory]
    [InlineData("aGVsbG8=", "hello")]
    [InlineData("aGVsbG8", "hello")]
    [InlineData("aGVs\r\nbG8=\r\n", "hello")]
    [InlineData("aG Vs!bG*8=", "hello")]
    [InlineData("aGVsbG8=aGVsbG8=", "hellohello")]
    [InlineData("aGVsbG8====", "hello")]
    [InlineData("aGVsbG8=\r\n\r\n-- \r\nfooter", "hello")]
    [InlineData("YQ", "a")]
    [InlineData("Y", "")]
    [InlineData("====", "")]
    [InlineData("_-8=", "ÿï")]
    public void Base64_is_decoded_however_broken(string body, string expected) =>
        Assert.StartsWith(expected, Decode("base64", body), StringComparison.Ordinal);

    [Fact]
    public void Clean_base64_of_every_length_comes_back()
    {
        for (var length = 0; length < 400; length++)
        {
            var content = new byte[length];
            new Random(length).NextBytes(content);
            var encoded = Convert.ToBase64String(content, Base64FormattingOptions.InsertLineBreaks);
            Assert.Equal(Encoding.Latin1.GetString(content), Decode("BASE64", encoded));
            Assert.Equal(Encoding.Latin1.GetString(content), Decode("base64", encoded.TrimEnd('=')));
        }
    }

    [Fact]
    public void Uuencoded_content_is_decoded() =>
        Assert.Equal("Cat", Decode("x-uuencode", "begin 644 cat.txt\r\n#0V%T\r\n`\r\nend\r\n"));

    [Theory]
    [InlineData("8bit")]
    [InlineData("made-up")]
    public void Other_encodings_leave_the_bytes_alone(string encoding) => Assert.Equal("a=3D", Decode(encoding, "a=3D"));

    [Theory]
    [InlineData("base64 (comment)")]
    [InlineData("\"base64\"")]
    [InlineData("base64;")]
    public void The_name_of_an_encoding_may_be_decorated(string encoding) => Assert.Equal("hello", Decode(encoding, "aGVsbG8="));
}
