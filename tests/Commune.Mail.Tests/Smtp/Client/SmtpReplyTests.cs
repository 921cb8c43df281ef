using System.Text;
using Commune.Mail.Smtp.Client;

namespace Commune.Mail.Tests.Smtp.Client;

public class SmtpReplyTests
{
    [Theory]
    [InlineData("250 2.1.5 Recipient ok", 250, "2.1.5", "Recipient ok")]
    [InlineData("550 5.1.1", 550, "5.1.1", "")]
    [InlineData("550 5.1.1 no such user", 550, "5.1.1", "no such user")]
    [InlineData("550 4.1.1 a class of another kind", 550, null, "4.1.1 a class of another kind")]
    [InlineData("550 5.1 is short", 550, null, "5.1 is short")]
    [InlineData("550 5.1.1234 is long", 550, null, "5.1.1234 is long")]
    [InlineData("550 5.1.1no space", 550, null, "5.1.1no space")]
    [InlineData("354 Go ahead", 354, null, "Go ahead")]
    [InlineData("250", 250, null, "")]
    [InlineData("451 4.7.500 Server busy", 451, "4.7.500", "Server busy")]
    public void A_reply_is_its_code_its_enhanced_code_and_its_text(string line, int code, string? enhanced, string text)
    {
        var reader = new SmtpReplyReader();
        Assert.Equal(SmtpReplyState.Complete, reader.Add(Encoding.ASCII.GetBytes(line)));
        Assert.Equal(code, reader.Reply.Code);
        Assert.Equal(enhanced, reader.Reply.EnhancedCode);
        Assert.Equal(text, reader.Reply.Text);
    }

    [Fact]
    public void The_lines_of_a_reply_are_joined_and_the_enhanced_code_is_taken_off_each()
    {
        var reader = new SmtpReplyReader();
        Assert.Equal(SmtpReplyState.Incomplete, reader.Add("550-5.7.1 Refused"u8));
        Assert.Equal(SmtpReplyState.Incomplete, reader.Add("550-5.7.1 by policy,"u8));
        Assert.Equal(SmtpReplyState.Complete, reader.Add("550 5.7.1 see https://example.org"u8));
        Assert.Equal("5.7.1", reader.Reply.EnhancedCode);
        Assert.Equal("Refused by policy, see https://example.org", reader.Reply.Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("25")]
    [InlineData("hello")]
    [InlineData("150 too low")]
    [InlineData("650 too high")]
    [InlineData("2x0 no digit")]
    [InlineData("250+odd")]
    [InlineData("2500")]
    [InlineData(" 250 ok")]
    public void What_is_no_reply_is_malformed(string line) =>
        Assert.Equal(SmtpReplyState.Malformed, new SmtpReplyReader().Add(Encoding.ASCII.GetBytes(line)));

    [Fact]
    public void A_reply_whose_lines_have_different_codes_is_malformed()
    {
        var reader = new SmtpReplyReader();
        reader.Add("250-first"u8);
        Assert.Equal(SmtpReplyState.Malformed, reader.Add("550 second"u8));
    }

    [Fact]
    public void A_reply_without_end_is_malformed_at_last()
    {
        var reader = new SmtpReplyReader();
        for (var i = 0; i < SmtpReplyReader.MaxLines; i++)
            Assert.Equal(SmtpReplyState.Incomplete, reader.Add("250-on and on"u8));
        Assert.Equal(SmtpReplyState.Malformed, reader.Add("250 end"u8));
    }

    [Fact]
    public void Control_characters_do_not_reach_the_text()
    {
        var reader = new SmtpReplyReader();
        reader.Add("550 a\tb\u001b[31mc\rd\0e"u8);
        Assert.Equal("a b [31mc d e", reader.Reply.Text);
    }

    [Fact]
    public void Random_lines_never_make_the_reader_throw()
    {
        var random = new Random(3);
        var states = new HashSet<SmtpReplyState>();
        for (var i = 0; i < 200_000; i++)
        {
            var reader = new SmtpReplyReader();
            var line = Encoding.ASCII.GetBytes("550-5.7.1 Refused by policy");
            for (var damage = random.Next(4); damage > 0; damage--)
                line[random.Next(line.Length)] = (byte)random.Next(256);
            var state = reader.Add(line.AsSpan(0, random.Next(line.Length + 1)));
            states.Add(state);
            if (state == SmtpReplyState.Complete)
                Assert.DoesNotContain(reader.Reply.Text, char.IsControl);
        }

        Assert.Equal(3, states.Count);
    }

    [Fact]
    public void Capabilities_are_read_from_the_lines_after_the_first()
    {
        var reader = new SmtpReplyReader();
        foreach (var line in (string[])["250-size.example SIZE 1", "250-size 1000", "250-Pipelining", "250-AUTH PLAIN login",
            "250-AUTH=LOGIN XOAUTH2", "250-8BITMIME", "250-STARTTLS", "250-", "250 SMTPUTF8"])
        {
            reader.Add(Encoding.ASCII.GetBytes(line));
        }

        var capabilities = SmtpCapabilities.Parse(reader.Reply);
        Assert.Equal(1000, capabilities.MaxMessageBytes);
        Assert.True(capabilities is { Pipelining: true, EightBitMime: true, StartTls: true, SmtpUtf8: true, Size: true });
        Assert.False(capabilities.EnhancedStatusCodes);
        Assert.Equal(["PLAIN", "LOGIN", "XOAUTH2"], capabilities.AuthMechanisms);
    }

    [Theory]
    [InlineData("SIZE")]
    [InlineData("SIZE 0")]
    [InlineData("SIZE many")]
    [InlineData("SIZE 99999999999999999999999")]
    public void A_SIZE_without_a_number_is_no_limit(string line)
    {
        var reply = new SmtpReply(250, null, ["mx.example", line]);
        Assert.True(SmtpCapabilities.Parse(reply).Size);
        Assert.Null(SmtpCapabilities.Parse(reply).MaxMessageBytes);
    }
}
