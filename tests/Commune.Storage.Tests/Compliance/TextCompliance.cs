using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

/// <summary>What senders write is kept, whatever it is.</summary>
public abstract class TextCompliance(Engine engine) : StoreCompliance(engine)
{
    private async Task<MailMessage> RoundTripAsync(string text)
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var letter = new Letter { Subject = text, Text = text, Html = text, Attachments = [new("2", text, "text/plain", 1, null)] };
        var mail = Tenant.Inbound(letter, Now, inbox) with { Participants = [new("sender", "ada@example.org", text)] };
        var stored = Assert.Single(await Store.Inbound.AcceptAsync(mail, Cancel));
        Assert.NotNull(await tenant.ThreadAsync(stored.ThreadId));
        Assert.Single((await Store.Threads.ListAsync(tenant.Threads(inbox), Cancel)).Items);
        return Assert.Single((await Store.Messages.ListAsync(tenant.Messages(inbox), Cancel)).Items);
    }

    [Theory]
    [InlineData("🦉 four bytes 👩‍👩‍👧")]
    [InlineData("日本語 العربية ñ é")]
    [InlineData("'; DROP TABLE messages; --")]
    [InlineData("back\\slash \"quote\" {json} $1 :name @name %")]
    [InlineData("\u0001 control \u001b[31m \u007f \ufffd \uffff")]
    [InlineData("tab\t line\r\n feed")]
    [InlineData("")]
    public async Task Text_comes_back_as_it_was(string text)
    {
        var message = await RoundTripAsync(text);
        Assert.Equal((text, text, text, text), (message.Subject, message.Content, message.ContentHtml, message.Participants[0].Name));
    }

    [Theory]
    [InlineData("a\0b🦉c")]
    [InlineData("a\ud83eb🦉c")]
    [InlineData("a\udd89b🦉c")]
    [InlineData("ab🦉c\ud83e")]
    public async Task What_no_database_can_hold_costs_nothing_but_itself(string text)
    {
        var message = await RoundTripAsync(text);
        foreach (var stored in new[] { message.Subject, message.Content, message.ContentHtml!, message.Participants[0].Name! })
            Assert.Equal("ab🦉c", new string([.. stored.Where((c, i) => c is not ('\0' or '\ufffd') && !IsLone(stored, i))]));
    }

    private static bool IsLone(string text, int i) =>
        (char.IsHighSurrogate(text[i]) && (i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1])))
        || (char.IsLowSurrogate(text[i]) && (i == 0 || !char.IsHighSurrogate(text[i - 1])));

    [Fact]
    public async Task Ids_and_references_that_no_database_can_hold_do_not_stop_the_mail()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var stored = await tenant.ReceiveAsync(inbox, new Letter { MessageId = "<a\0\ud83e@x>", InReplyTo = "<b\0@x>", References = ["<c\0@x>", "<\udd89@x>"] });
        Assert.NotNull(await Store.Messages.GetAsync(tenant.OrgId, stored.MessageId, Cancel));
    }

    [Fact]
    public async Task A_mail_of_5_MB_comes_back_whole()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var text = string.Concat(Enumerable.Repeat("0123456789abcde🦉", 300_000));
        byte[] raw = new byte[5_000_000];
        new Random(1).NextBytes(raw);
        var stored = await tenant.ReceiveAsync(inbox, new Letter { Text = text, Html = text, Raw = raw });
        var message = await tenant.MessageAsync(stored.MessageId);
        Assert.True(text == message.Content && text == message.ContentHtml);
        var found = await Store.Messages.GetRawAsync(tenant.OrgId, stored.MessageId, Cancel);
        Assert.True(raw.AsSpan().SequenceEqual(found!.Inline!.Value.Span));
    }

    [Fact]
    public async Task An_id_that_fills_a_line_threads()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        // RFC 5322 §2.1.1: a line holds 998 characters at most.
        var longId = NewId(900);
        var stored = await tenant.ReceiveAsync(inbox, new Letter { MessageId = longId });
        Assert.Equal(longId, (await tenant.MessageAsync(stored.MessageId)).SmtpMessageId);
        Assert.Equal(stored.ThreadId, (await tenant.ReceiveAsync(inbox, Letter.AnswerTo(longId))).ThreadId);
    }

    [Fact]
    public async Task Absurdly_long_ids_and_many_references_do_not_stop_the_mail()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        List<string> references = [.. Enumerable.Range(0, 500).Select(i => $"<{i}@example.org>"), NewId(50_000)];
        var letter = new Letter { MessageId = NewId(9_000), InReplyTo = NewId(100_000), References = references };
        var message = await tenant.MessageAsync((await tenant.ReceiveAsync(inbox, letter)).MessageId);
        Assert.Equal((letter.MessageId, letter.InReplyTo), (message.SmtpMessageId, message.InReplyTo));
        Assert.Equal(references, message.References);
    }

    /// <summary>Random, so that no engine can compress it into an index.</summary>
    private static string NewId(int length)
    {
        var random = new Random(length);
        return $"<{string.Concat(Enumerable.Range(0, length).Select(_ => (char)random.Next('a', 'z' + 1)))}@example.org>";
    }

    [Fact]
    public async Task A_subject_of_many_kilobytes_is_kept_and_remembered()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var random = new Random(1);
        var subject = string.Concat(Enumerable.Range(0, 20_000).Select(_ => (char)random.Next('a', 'z')));
        var stored = await tenant.ReceiveAsync(inbox, new Letter { Subject = subject });
        Assert.Equal(subject, (await tenant.MessageAsync(stored.MessageId)).Subject);
        Assert.Equal(stored.ThreadId, (await tenant.ReceiveAsync(inbox, new Letter { Subject = $"Re: {subject}" })).ThreadId);
    }

    [Fact]
    public async Task An_id_with_a_NUL_is_an_unknown_id()
    {
        var tenant = await NewTenantAsync();
        Assert.Null(await Store.Threads.GetAsync(tenant.OrgId, "conv_\0", Cancel));
        Assert.Null(await Store.Messages.GetAsync(tenant.OrgId, "msg_\0", Cancel));
        Assert.Null(await Store.Messages.GetAttachmentAsync(tenant.OrgId, "att_\0", Cancel));
        Assert.Null(await Store.Inboxes.GetAsync(tenant.OrgId, "i_\0", Cancel));
        Assert.Null(await Store.Domains.GetAsync(tenant.OrgId, "d_\0", Cancel));
        Assert.Empty((await Store.Threads.ListAsync(tenant.Threads() with { Tag = "\0" }, Cancel)).Items);
        Assert.Empty((await Store.Messages.ListAsync(tenant.Messages() with { Sender = "\0" }, Cancel)).Items);
    }
}
