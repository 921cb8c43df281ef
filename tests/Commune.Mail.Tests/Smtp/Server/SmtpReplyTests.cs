using System.Buffers;
using System.Text;
using Commune.Mail.Smtp;

namespace Commune.Mail.Tests.Smtp.Server;

public sealed class SmtpReplyTests
{
    [Fact]
    public void A_reply_of_one_line_is_code_status_text() =>
        Assert.Equal("550 5.1.1 No such user\r\n", Wire(new SmtpReply(550, new EnhancedStatusCode(5, 1, 1), "No such user")));

    [Fact]
    public void All_lines_but_the_last_have_a_hyphen_and_each_has_the_status() =>
        Assert.Equal("250-2.0.0 one\r\n250 2.0.0 two\r\n", Wire(new SmtpReply(250, new EnhancedStatusCode(2, 0, 0), "one", "two")));

    [Theory]
    [InlineData("a\rb")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    [InlineData("a\u2028b")]
    public void Text_with_control_characters_is_refused(string text) =>
        Assert.Throws<ArgumentException>(() => new SmtpReply(250, null, text));

    [Theory]
    [InlineData(199)]
    [InlineData(260)]
    [InlineData(600)]
    public void A_number_that_is_no_reply_code_is_refused(int code) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SmtpReply(code, null, "x"));

    [Fact]
    public void The_class_of_the_status_is_that_of_the_code() =>
        Assert.Throws<ArgumentException>(() => new SmtpReply(450, new EnhancedStatusCode(5, 1, 1), "x"));

    [Fact]
    public void Long_text_is_wrapped_into_lines_of_512_octets()
    {
        var lines = Wire(new SmtpReply(550, new EnhancedStatusCode(5, 7, 1), string.Join(' ', Enumerable.Repeat("word", 400))))
            .Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(5, lines.Length);
        Assert.All(lines, line => Assert.InRange(line.Length, 1, 510));
        Assert.All(lines[..^1], line => Assert.StartsWith("550-5.7.1 word", line, StringComparison.Ordinal));
        Assert.StartsWith("550 5.7.1 word", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Text_beyond_ASCII_goes_out_as_question_marks() =>
        Assert.Equal("250 gr?n\r\n", Wire(new SmtpReply(250, null, "grün")));

    [Theory]
    [InlineData("2.0.0", true)]
    [InlineData("5.123.999", true)]
    [InlineData("3.0.0", false)]
    [InlineData("5.01.0", false)]
    [InlineData("5.1", false)]
    [InlineData("5.1.", false)]
    [InlineData("5.1.1000", false)]
    [InlineData("5.1.-1", false)]
    [InlineData("", false)]
    public void An_enhanced_status_code_is_class_subject_detail(string text, bool valid)
    {
        Assert.Equal(valid, EnhancedStatusCode.TryParse(text, out var code));
        if (valid)
            Assert.Equal(text, code.ToString());
    }

    private static string Wire(SmtpReply reply)
    {
        var buffer = new ArrayBufferWriter<byte>();
        reply.WriteTo(buffer);
        return Encoding.ASCII.GetString(buffer.WrittenSpan);
    }
}
