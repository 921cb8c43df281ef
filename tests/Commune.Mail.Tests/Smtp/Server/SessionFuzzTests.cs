using System.Text;
using System.Text.RegularExpressions;

namespace Commune.Mail.Tests.Smtp.Server;

public sealed partial class SessionFuzzTests
{
    private static readonly string[] Words =
    [
        "EHLO x\r\n", "HELO x\r\n", "MAIL FROM:<a@b>\r\n", "MAIL FROM:<> SIZE=10\r\n", "RCPT TO:<c@d>\r\n", "RCPT TO:<\"", "DATA\r\n", ".\r\n", "\r\n.\r\n",
        "BDAT 5 LAST\r\n", "BDAT 3\r\n", "BDAT ", "12", "RSET\r\n", "NOOP\r\n", "STARTTLS\r\n", "VRFY x\r\n", "\r", "\n", ".", "\0", "\u00ff", " ", "<", ">", "@",
        "[IPv6:", "text of some length\r\n", "..", "HELP\r\n", new string('y', 700), "SMTPUTF8", "\r\n",
    ];

    [Fact]
    public async Task Whatever_is_sent_is_answered_in_the_shape_of_RFC_5321()
    {
        var random = new Random(20261121);
        for (var round = 0; round < 1500; round++)
        {
            var input = Stream(random);
            await using var peer = await SmtpPeer.GreetedAsync(SmtpPeer.Settings with { MaxMessageBytes = 2000, MaxErrors = 50 });
            await peer.SendAsync(input);
            var heard = peer.Heard() + await peer.HangUpAsync();
            Assert.Matches(Replies(), heard);
            Assert.Empty(peer.Errors);
        }
    }

    [Fact]
    public async Task The_same_octets_in_other_pieces_are_answered_the_same()
    {
        var random = new Random(5321);
        for (var round = 0; round < 500; round++)
        {
            var input = Encoding.Latin1.GetBytes(Stream(random));
            await using var whole = await SmtpPeer.GreetedAsync(SmtpPeer.Settings with { MaxMessageBytes = 2000 });
            await whole.SendAsync(input);
            await using var pieces = await SmtpPeer.GreetedAsync(SmtpPeer.Settings with { MaxMessageBytes = 2000 });
            for (var at = 0; at < input.Length;)
            {
                var n = Math.Min(random.Next(1, random.Next(2, 100)), input.Length - at);
                await pieces.SendAsync(input.AsMemory(at, n));
                at += n;
            }

            Assert.Equal(whole.Heard(), pieces.Heard());
            Assert.Equal(whole.Handler.Messages.Select(m => m.Content), pieces.Handler.Messages.Select(m => m.Content), StringComparer.Ordinal);
        }
    }

    private static string Stream(Random random)
    {
        var input = new StringBuilder(random.Next(2) == 0 ? "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n" : "");
        for (var n = random.Next(1, 60); n > 0; n--)
            input.Append(Words[random.Next(Words.Length)]);
        return input.ToString();
    }

    [GeneratedRegex(@"\A(?:(?:[2-5][0-5][0-9]-[\x20-\x7e]*\r\n)*[2-5][0-5][0-9] [\x20-\x7e]*\r\n)*\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Replies();
}
