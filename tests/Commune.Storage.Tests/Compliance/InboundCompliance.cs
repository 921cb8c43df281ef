using System.Security.Cryptography;
using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

public abstract class InboundCompliance(Engine engine) : StoreCompliance(engine)
{
    [Fact]
    public async Task A_message_comes_back_with_everything_it_carried()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var letter = new Letter
        {
            Subject = "Заказ №7",
            InReplyTo = "<parent@example.org>",
            References = ["<root@example.org>", "<parent@example.org>"],
            Text = "line one\nline two",
            Html = "<p>line one</p>",
            Metadata = """{"spam_score":0.25}""",
        };
        var mail = Tenant.Inbound(letter, Now, inbox);
        var stored = Assert.Single(await Store.Inbound.AcceptAsync(mail, Cancel));
        Assert.Equal((mail.Deliveries[0].MessageId, mail.Deliveries[0].NewThreadId, false, false),
            (stored.MessageId, stored.ThreadId, stored.Duplicate, stored.InboxGone));

        var message = await tenant.MessageAsync(stored.MessageId);
        Assert.InRange(message.CreatedAt, Now, Now + 60_000);
        var expected = new MailMessage(
            tenant.OrgId, stored.MessageId, stored.ThreadId, inbox.Id, inbox.Address, inbox.DomainId, "inbound", message.CreatedAt,
            "Заказ №7", mail.Participants, "line one\nline two", "<p>line one</p>", [], letter.MessageId, "<parent@example.org>",
            letter.References, null, null, letter.Metadata);
        Assert.Equivalent(expected, message, strict: true);
        Assert.Equal(letter.References, message.References);
        Assert.Equal(mail.Participants, message.Participants);
    }

    [Fact]
    public async Task A_new_thread_tells_of_its_first_message()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var mail = Tenant.Inbound(new Letter { Subject = "First", Text = "Body" }, Now, inbox);
        var stored = Assert.Single(await Store.Inbound.AcceptAsync(mail, Cancel));
        var thread = await tenant.ThreadAsync(stored.ThreadId);
        var at = (await tenant.MessageAsync(stored.MessageId)).CreatedAt;
        Assert.Equal(
            (stored.ThreadId, inbox.Id, inbox.DomainId, "First", mail.Deliveries[0].NewReplyToken, 1, at, at, "Body", "inbound", false),
            (thread.Id, thread.InboxId, thread.DomainId, thread.Subject, thread.ReplyToken, thread.MessageCount, thread.FirstMessageAt,
                thread.LastMessageAt, thread.Snippet, thread.LastDirection, thread.HasAttachments));
        Assert.Contains("ada@example.org", thread.Participants);
        Assert.Equal((thread.Id, "open", null), (thread.Triage.ThreadId, thread.Triage.Status, thread.Triage.AssignedTo));
        Assert.Empty(thread.Triage.Tags);
    }

    [Fact]
    public async Task A_thread_tells_of_its_latest_message_and_keeps_its_first_subject()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var first = new Letter { Subject = "First", Text = "one" };
        var one = await tenant.ReceiveAsync(inbox, first);
        var answer = Letter.AnswerTo(first.MessageId!) with
        {
            From = "bob@example.net",
            Text = "two",
            Attachments = [new("1.2", "a.pdf", "application/pdf", 10, null)],
        };
        var two = await tenant.ReceiveAsync(inbox, answer);
        var thread = await tenant.ThreadAsync(one.ThreadId);
        Assert.Equal(one.ThreadId, two.ThreadId);
        Assert.Equal((2, "First", "two", true), (thread.MessageCount, thread.Subject, thread.Snippet, thread.HasAttachments));
        Assert.Equal((await tenant.MessageAsync(one.MessageId)).CreatedAt, thread.FirstMessageAt);
        Assert.Equal((await tenant.MessageAsync(two.MessageId)).CreatedAt, thread.LastMessageAt);
        Assert.Equal(["ada@example.org", "bob@example.net"], thread.Participants.Where(p => p != inbox.Address));
    }

    [Fact]
    public async Task The_exact_bytes_come_back()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        byte[] raw = [.. Enumerable.Range(0, 1024).Select(i => (byte)i)];
        var stored = await tenant.ReceiveAsync(inbox, new Letter { Raw = raw });
        var found = (await Store.Messages.GetRawAsync(tenant.OrgId, stored.MessageId, Cancel))!;
        Assert.Equal(raw, found.Inline!.Value.ToArray());
        Assert.Equal(SHA256.HashData(raw), found.Sha256);
        Assert.Equal(1024, found.Size);
    }

    [Fact]
    public async Task A_message_in_the_blob_store_keeps_its_hash_and_size_only()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var hash = RandomNumberGenerator.GetBytes(32);
        var mail = Tenant.Inbound(new Letter(), Now, inbox) with { Raw = new RawMessage(null, hash, 30_000_000) };
        var stored = Assert.Single(await Store.Inbound.AcceptAsync(mail, Cancel));
        var found = (await Store.Messages.GetRawAsync(tenant.OrgId, stored.MessageId, Cancel))!;
        Assert.Null(found.Inline);
        Assert.Equal(hash, found.Sha256);
        Assert.Equal(30_000_000, found.Size);
    }

    [Fact]
    public async Task Attachments_are_listed_in_order_and_found_by_id()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var letter = new Letter
        {
            Attachments = [new("1.2", "Größe.pdf", "application/pdf", 5, null), new("2", "logo.png", "image/png", 7, "logo@example.org")],
        };
        var mail = Tenant.Inbound(letter, Now, inbox);
        var stored = Assert.Single(await Store.Inbound.AcceptAsync(mail, Cancel));
        var message = await tenant.MessageAsync(stored.MessageId);
        Assert.Equal(mail.Deliveries[0].AttachmentIds, message.AttachmentIds);
        Assert.True((await tenant.ThreadAsync(stored.ThreadId)).HasAttachments);
        var logo = await Store.Messages.GetAttachmentAsync(tenant.OrgId, message.AttachmentIds[1], Cancel);
        Assert.Equal(
            new Attachment(tenant.OrgId, message.AttachmentIds[1], message.Id, "2", null, "logo.png", "image/png", 7, "logo@example.org", logo!.CreatedAt),
            logo);
        Assert.Equal("Größe.pdf", (await Store.Messages.GetAttachmentAsync(tenant.OrgId, message.AttachmentIds[0], Cancel))?.FileName);
    }

    [Fact]
    public async Task One_mail_to_two_inboxes_of_an_organisation_is_a_message_in_each()
    {
        var tenant = await NewTenantAsync();
        var (one, two) = (await tenant.AddInboxAsync(), await tenant.AddInboxAsync());
        var letter = new Letter { Attachments = [new("2", "a.txt", "text/plain", 1, null)] };
        var mail = Tenant.Inbound(letter, Now, one, two);
        var stored = await Store.Inbound.AcceptAsync(mail, Cancel);

        Assert.Equal(mail.Deliveries.Select(d => d.MessageId), stored.Select(s => s.MessageId));
        Assert.NotEqual(stored[0].ThreadId, stored[1].ThreadId);
        foreach (var (inbox, i) in new[] { (one, 0), (two, 1) })
        {
            var message = Assert.Single((await Store.Messages.ListAsync(tenant.Messages(inbox), Cancel)).Items);
            Assert.Equal((stored[i].MessageId, inbox.Address), (message.Id, message.InboxAddress));
            Assert.Equal(mail.Deliveries[i].AttachmentIds, message.AttachmentIds);
            Assert.Equal(mail.Raw.Sha256, (await Store.Messages.GetRawAsync(tenant.OrgId, message.Id, Cancel))?.Sha256);
        }

        Assert.Equal(2, (await tenant.EventTypesAsync()).Count(t => t == "message.received"));
    }

    [Fact]
    public async Task One_mail_to_inboxes_of_two_organisations_is_a_message_in_each()
    {
        var (one, two) = (await NewTenantAsync(), await NewTenantAsync());
        var (inboxOne, inboxTwo) = (await one.AddInboxAsync(), await two.AddInboxAsync());
        var stored = await Store.Inbound.AcceptAsync(Tenant.Inbound(new Letter(), Now, inboxOne, inboxTwo), Cancel);
        Assert.Equal(stored[0].MessageId, Assert.Single((await Store.Messages.ListAsync(one.Messages(inboxOne), Cancel)).Items).Id);
        Assert.Equal(stored[1].MessageId, Assert.Single((await Store.Messages.ListAsync(two.Messages(inboxTwo), Cancel)).Items).Id);
        Assert.NotNull(await Store.Messages.GetRawAsync(one.OrgId, stored[0].MessageId, Cancel));
        Assert.NotNull(await Store.Messages.GetRawAsync(two.OrgId, stored[1].MessageId, Cancel));
        Assert.Single(await one.EventTypesAsync(), "message.received");
        Assert.Single(await two.EventTypesAsync(), "message.received");
    }

    [Fact]
    public async Task A_retry_of_the_same_mail_is_stored_once()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var letter = new Letter { RetryKey = RandomNumberGenerator.GetBytes(32) };
        var first = await tenant.ReceiveAsync(inbox, letter);
        var again = await tenant.ReceiveAsync(inbox, letter);
        Assert.Equal(first with { Duplicate = true }, again);
        Assert.Single((await Store.Messages.ListAsync(tenant.Messages(inbox), Cancel)).Items);
        Assert.Single(await tenant.EventTypesAsync(), "message.received");
        Assert.Equal(1, (await tenant.ThreadAsync(first.ThreadId)).MessageCount);
    }

    [Fact]
    public async Task A_retry_that_names_one_more_inbox_reaches_that_inbox()
    {
        var tenant = await NewTenantAsync();
        var (one, two) = (await tenant.AddInboxAsync(), await tenant.AddInboxAsync());
        var letter = new Letter { RetryKey = RandomNumberGenerator.GetBytes(32) };
        var first = await tenant.ReceiveAsync(one, letter);
        var both = await Store.Inbound.AcceptAsync(Tenant.Inbound(letter, Now, one, two), Cancel);
        Assert.Equal((first.MessageId, true), (both[0].MessageId, both[0].Duplicate));
        Assert.False(both[1].Duplicate);
        Assert.Equal(both[1].MessageId, Assert.Single((await Store.Messages.ListAsync(tenant.Messages(two), Cancel)).Items).Id);
    }

    [Fact]
    public async Task Retries_that_come_at_once_are_stored_once()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var letter = new Letter { RetryKey = RandomNumberGenerator.GetBytes(32) };
        var stored = await AllAtOnceAsync(16, i => tenant.ReceiveAsync(inbox, letter, Node(i)));
        Assert.Single(stored, s => !s.Duplicate);
        Assert.Single(stored.Select(s => s.MessageId).Distinct(StringComparer.Ordinal));
        Assert.Single((await Store.Messages.ListAsync(tenant.Messages(inbox), Cancel)).Items);
    }

    [Fact]
    public async Task Mail_without_a_retry_key_is_stored_each_time()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var letter = new Letter { MessageId = null };
        await tenant.ReceiveAsync(inbox, letter);
        await tenant.ReceiveAsync(inbox, letter);
        Assert.Equal(2, (await Store.Messages.ListAsync(tenant.Messages(inbox), Cancel)).Items.Count);
    }

    [Fact]
    public async Task An_inbox_that_was_deleted_or_made_inactive_meanwhile_gets_nothing_and_the_others_do()
    {
        var tenant = await NewTenantAsync();
        var (deleted, inactive, alive) = (await tenant.AddInboxAsync(), await tenant.AddInboxAsync(), await tenant.AddInboxAsync());
        await Store.Inboxes.DeleteAsync(tenant.OrgId, deleted.Id, Cancel);
        await Store.Inboxes.UpdateAsync(inactive with { Status = "inactive" }, Cancel);
        var mail = Tenant.Inbound(new Letter(), Now, deleted, inactive, alive);
        var stored = await Store.Inbound.AcceptAsync(mail, Cancel);
        Assert.Equal([true, true, false], stored.Select(s => s.InboxGone));
        Assert.Null(await Store.Messages.GetAsync(tenant.OrgId, mail.Deliveries[0].MessageId, Cancel));
        Assert.Null(await Store.Threads.GetAsync(tenant.OrgId, mail.Deliveries[1].NewThreadId, Cancel));
        Assert.NotNull(await Store.Messages.GetAsync(tenant.OrgId, stored[2].MessageId, Cancel));
        Assert.Single(await tenant.EventTypesAsync(), "message.received");
    }

    [Fact]
    public async Task Of_64_mails_at_once_each_is_listed_exactly_once()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var stored = await AllAtOnceAsync(64, i => tenant.ReceiveAsync(inbox, new Letter { Subject = $"n{i}" }, Node(i)));
        var listed = await tenant.AllMessagesAsync(tenant.Messages(inbox, limit: 10));
        Assert.Equal(64, stored.Select(s => s.MessageId).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(stored.Select(s => s.MessageId).Order(StringComparer.Ordinal), listed.Select(m => m.Id).Order(StringComparer.Ordinal));
        Assert.Equal(64, (await Store.Threads.ListAsync(tenant.Threads(inbox), Cancel)).Items.Count);
    }

    [Fact]
    public async Task Answers_that_come_at_once_are_all_counted_in_their_thread()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var first = new Letter();
        var thread = (await tenant.ReceiveAsync(inbox, first)).ThreadId;
        var stored = await AllAtOnceAsync(32, i => tenant.ReceiveAsync(inbox, Letter.AnswerTo(first.MessageId!), Node(i)));
        Assert.All(stored, s => Assert.Equal(thread, s.ThreadId));
        Assert.Equal(33, (await tenant.ThreadAsync(thread)).MessageCount);
    }

    [Fact]
    public async Task Siblings_of_a_missing_parent_that_come_at_once_share_a_thread()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var stored = await AllAtOnceAsync(16, i => tenant.ReceiveAsync(inbox, Letter.AnswerTo("<missing@example.org>"), Node(i)));
        Assert.Single(stored.Select(s => s.ThreadId).Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Two_commits_never_share_a_millisecond_even_when_the_clock_stands()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        long last = 0;
        for (var i = 0; i < 20; i++)
        {
            var stored = await tenant.ReceiveAsync(inbox, new Letter(), Node(i));
            var at = (await tenant.MessageAsync(stored.MessageId)).CreatedAt;
            Assert.True(at > last && at >= Now);
            last = at;
        }
    }

    [Fact]
    public async Task A_clock_that_runs_behind_does_not_put_new_mail_before_old()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var first = Assert.Single(await Store.Inbound.AcceptAsync(Tenant.Inbound(new Letter(), Now, inbox), Cancel));
        var second = Assert.Single(await Store.Inbound.AcceptAsync(Tenant.Inbound(new Letter(), Now - 30_000, inbox), Cancel));
        Assert.True((await tenant.MessageAsync(second.MessageId)).CreatedAt > (await tenant.MessageAsync(first.MessageId)).CreatedAt);
    }
}
