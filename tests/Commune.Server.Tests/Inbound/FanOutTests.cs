using System.Text;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Inbound;

/// <summary>One large message to many inboxes is stored in one transaction, which has a bound.</summary>
public abstract class FanOutTests(Engine engine) : ServerTests(engine)
{
    [Fact]
    public async Task A_message_that_would_be_stored_as_more_than_256_MB_is_deferred_and_the_session_goes_on()
    {
        const int Size = 24_600_000;
        var inboxes = new List<InboxHandle>();
        for (var i = 0; i < 11; i++)
            inboxes.Add(await Api.NewInboxAsync());
        var filler = string.Concat(Enumerable.Repeat(new string('x', 998) + "\r\n", Size / 1000));
        var letter = Encoding.ASCII.GetBytes($"From: kim@example.com\r\nSubject: large\r\nMessage-ID: {Letter.NewMessageId()}\r\n\r\n{filler}");

        await using var talk = await SmtpTalk.GreetAsync(Server.Program.Smtp);
        var reply = (await talk.MailAsync("kim@example.com", [.. inboxes.Select(static i => i.Address)], letter)).Expect(452);
        Assert.Contains("4.5.3 Too many recipients for a message of this size", reply.Text, StringComparison.Ordinal);
        foreach (var inbox in inboxes)
            Assert.Empty(await Api.MessagesAsync(inbox));

        // The same recipients take what is smaller.
        var small = Letter.Plain("kim@example.com", inboxes[0].Address, "small", "t");
        (await talk.MailAsync("kim@example.com", [.. inboxes.Select(static i => i.Address)], small)).Expect(250);
        foreach (var inbox in inboxes)
            await Api.OnlyMessageAsync(inbox);
    }
}

public sealed class SqliteFanOutTests(SqliteEngine engine) : FanOutTests(engine);

public sealed class PostgresFanOutTests(PostgresEngine engine) : FanOutTests(engine);
