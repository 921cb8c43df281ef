using System.Net;
using System.Text;
using Commune.Mail.Smtp.Client;

namespace Commune.Mail.Tests.Smtp.Client;

/// <summary>The client against a peer whose octets come in pieces of any size, in mixes that no script would think of.
/// </summary>
public class SmtpWireTests
{
    private static readonly SmtpClientSettings Settings = new()
    {
        HeloName = "client.example",
        Host = "mx.example",
        EndPoint = new IPEndPoint(IPAddress.Loopback, 25),
    };

    [Fact]
    public async Task Replies_are_the_same_however_they_are_cut()
    {
        var random = new Random(1);
        for (var i = 0; i < 500; i++)
        {
            var said = "220 hi\r\n250-one\r\n250-2.0.0 two\r\n250 " + new string('x', 2000) + "\r\n354\n550 5.1.1 no\r\n";
            await using var wire = new SmtpWire(new ScriptedStream(Encoding.ASCII.GetBytes(said), random), TimeProvider.System);
            Assert.Equal("220 hi", (await ReadAsync(wire)).ToString());
            Assert.Equal("250 2.0.0 one two " + new string('x', 2000), (await ReadAsync(wire)).ToString());
            Assert.Equal(354, (await ReadAsync(wire)).Code);
            Assert.Equal("550 5.1.1 no", (await ReadAsync(wire)).ToString());
            var end = await Assert.ThrowsAsync<SmtpWireException>(() => ReadAsync(wire));
            Assert.Contains("closed", end.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_mix_of_replies_gives_each_recipient_the_outcome_of_the_reply_that_decided(bool pipelining)
    {
        var random = new Random(2);
        for (var i = 0; i < 3_000; i++)
        {
            var recipients = Enumerable.Range(0, random.Next(1, 6)).Select(n => $"user{n}@example.net").ToArray();
            var mail = Pick(random, 250, 250, 250, 250, 451, 550);
            var rcpt = recipients.Select(_ => Pick(random, 250, 251, 450, 550)).ToArray();
            var data = Pick(random, 354, 354, 354, 451, 554);
            var final = Pick(random, 250, 250, 451, 554);
            var said = string.Concat(((int[])[mail, .. rcpt, data, final]).Select(code => $"{code} text\r\n"));

            var (results, heard, transaction) = await RunAsync(said, recipients, pipelining, random);

            var expected = rcpt.Select(code => mail != 250 ? mail : code >= 300 ? code : data != 354 ? data : final);
            Assert.Equal(expected, results.Select(r => r.Code!.Value));
            Assert.All(results, r => Assert.Equal(
                r.Code < 300 ? SmtpOutcome.Accepted : r.Code < 500 ? SmtpOutcome.TemporaryFailure : SmtpOutcome.PermanentFailure,
                r.Outcome));
            Assert.False(transaction.IsConnectionLost);
            var isDelivered = results.Any(r => r.Outcome == SmtpOutcome.Accepted);
            Assert.True(!isDelivered || heard.EndsWith("Hello\r\n.\r\n", StringComparison.Ordinal));
            Assert.Equal(isDelivered, mail == 250 && rcpt.Any(code => code < 300) && data == 354 && final == 250);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task No_mix_of_damaged_replies_throws_or_loses_a_recipient(bool pipelining)
    {
        var random = new Random(3);
        string[] replies =
        [
            "250 ok\r\n", "250 2.1.0 ok\r\n", "250 ok\r\n", "354 go\r\n", "421 4.3.2 bye\r\n", "451 later\r\n", "550-no\r\n550 never\r\n",
            "250-", "\r\n", "garbage\r\n", "999 what\r\n", "\0\u00ff\r\n", "250 ok",
        ];
        var seen = new HashSet<SmtpOutcome>();
        for (var i = 0; i < 10_000; i++)
        {
            var recipients = Enumerable.Range(0, random.Next(1, 5)).Select(n => $"user{n}@example.net").ToArray();
            var said = string.Concat(Enumerable.Range(0, random.Next(10)).Select(_ =>
                random.Next(3) == 0 ? replies[random.Next(replies.Length)] : replies[random.Next(4)]));
            var (results, heard, _) = await RunAsync(said, recipients, pipelining, random);

            Assert.Equal(recipients, results.Select(r => r.Recipient), StringComparer.Ordinal);
            var isDotSent = heard.EndsWith("Hello\r\n.\r\n", StringComparison.Ordinal);
            Assert.All(results, r => Assert.True(isDotSent || r.Outcome is SmtpOutcome.TemporaryFailure or SmtpOutcome.PermanentFailure));
            seen.UnionWith(results.Select(r => r.Outcome));
        }

        Assert.Equal(4, seen.Count);
    }

    [Theory]
    [InlineData("552 5.3.4 Too big\r\n", 1_000, SmtpOutcome.PermanentFailure, 552)]
    [InlineData("421 4.3.2 Bye\r\n", 1_000, SmtpOutcome.TemporaryFailure, 421)]
    [InlineData("", 1_000, SmtpOutcome.TemporaryFailure, null)]
    [InlineData("250 Taken\r\n", 1_000, SmtpOutcome.TemporaryFailure, null)]
    [InlineData("552 5.3.4 Too big\r\n", 200_000, SmtpOutcome.PermanentFailure, 552)]
    [InlineData("", 200_000, SmtpOutcome.Unknown, null)]
    public async Task A_refusal_is_read_although_the_message_could_not_be_written_to_its_end(
        string late, int takes, SmtpOutcome outcome, int? code)
    {
        var said = "250 ok\r\n250 ok\r\n354 go\r\n" + late;
        await using var wire = new SmtpWire(
            new ScriptedStream(Encoding.ASCII.GetBytes(said), new Random(4)) { Takes = takes }, TimeProvider.System);
        // Written in blocks of 64 KB, of which the last has the final dot.
        var message = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(new string('x', 98) + "\r\n", 2_200)));
        var transaction = new SmtpTransaction(
            wire,
            Settings,
            new SmtpCapabilities(),
            new SmtpOutgoingEnvelope("", ["a@example.net"], RequiresSmtpUtf8: false, Is8Bit: false),
            message);
        await transaction.RunAsync(resetFirst: false, CancellationToken.None);
        Assert.Equal((outcome, code), (transaction.Results()[0].Outcome, transaction.Results()[0].Code));
        Assert.True(transaction.IsConnectionLost);
    }

    private static async Task<(IReadOnlyList<SmtpRecipientResult> Results, string Heard, SmtpTransaction Transaction)> RunAsync(
        string said, string[] recipients, bool pipelining, Random random)
    {
        var stream = new ScriptedStream(Encoding.Latin1.GetBytes(said), random);
        await using var wire = new SmtpWire(stream, TimeProvider.System);
        var transaction = new SmtpTransaction(
            wire,
            Settings,
            new SmtpCapabilities { Pipelining = pipelining },
            new SmtpOutgoingEnvelope("sender@example.org", recipients, RequiresSmtpUtf8: false, Is8Bit: false),
            "Subject: x\r\n\r\nHello\r\n"u8.ToArray());
        await transaction.RunAsync(resetFirst: false, CancellationToken.None);
        return (transaction.Results(), Encoding.ASCII.GetString(stream.Heard.ToArray()), transaction);
    }

    private static Task<SmtpReply> ReadAsync(SmtpWire wire) =>
        wire.ReadReplyAsync(TimeSpan.FromMinutes(1), CancellationToken.None).AsTask();

    private static int Pick(Random random, params int[] codes) => codes[random.Next(codes.Length)];
}
