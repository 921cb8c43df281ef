using System.Text;
using Commune.Mail.Smtp.Client;

namespace Commune.Mail.Tests.Smtp.Client;

public class DotStuffingTests
{
    [Theory]
    [InlineData("", ".\r\n")]
    [InlineData("a\r\n", "a\r\n.\r\n")]
    [InlineData("a", "a\r\n.\r\n")]
    [InlineData(".", "..\r\n.\r\n")]
    [InlineData(".\r\n", "..\r\n.\r\n")]
    [InlineData("a\r\n.b\r\n..\r\nc.\r\n", "a\r\n..b\r\n...\r\nc.\r\n.\r\n")]
    [InlineData("\r\n.\r\n", "\r\n..\r\n.\r\n")]
    public void A_dot_that_begins_a_line_is_doubled_and_a_lone_dot_ends_the_message(string message, string expected)
    {
        for (var size = 6; size < 40; size++)
            Assert.Equal(expected, Wire(message, _ => size));
    }

    [Fact]
    public void A_server_that_unstuffs_gets_back_the_message_whatever_the_buffers()
    {
        var random = new Random(5);
        for (var i = 0; i < 5_000; i++)
        {
            var message = string.Concat(Enumerable.Range(0, random.Next(20))
                .Select(_ => random.Next(4) switch { 0 => "\r\n", 1 => ".", 2 => "x", _ => "\r\n." }));
            var wire = Wire(message, _ => random.Next(6, 30));
            Assert.EndsWith(".\r\n", wire, StringComparison.Ordinal);
            var lines = wire[..^3].Split("\r\n");
            var unstuffed = string.Join("\r\n", lines.Select(line => line.StartsWith('.') ? line[1..] : line));
            Assert.DoesNotContain(".", lines, StringComparer.Ordinal);
            Assert.Equal(message.Length == 0 || message.EndsWith("\r\n", StringComparison.Ordinal) ? message : message + "\r\n", unstuffed);
        }
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("a\r\nb\r\n", true)]
    [InlineData("a\nb", false)]
    [InlineData("a\rb", false)]
    [InlineData("a\r", false)]
    [InlineData("a\r\r\n", false)]
    [InlineData("\n", false)]
    [InlineData("a\r\n\n", false)]
    public void A_bare_CR_or_LF_is_seen(string message, bool isClean) =>
        Assert.Equal(isClean, DotStuffing.IsClean(Encoding.ASCII.GetBytes(message)));

    private static string Wire(string message, Func<int, int> size)
    {
        var stuffing = new DotStuffing(Encoding.ASCII.GetBytes(message));
        var wire = new StringBuilder();
        for (var i = 0; !stuffing.IsFinished; i++)
        {
            var buffer = new byte[size(i)];
            var length = stuffing.Fill(buffer);
            Assert.True(length > 0);
            wire.Append(Encoding.ASCII.GetString(buffer, 0, length));
        }

        return wire.ToString();
    }
}
