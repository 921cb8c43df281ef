using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

/// <summary>Which thread a received message joins (contract section 9).</summary>
public abstract class ThreadingCompliance(Engine engine) : StoreCompliance(engine)
{
    /// <summary>An inbox with one received mail in it: the mail, and the thread it began.</summary>
    private async Task<(Tenant Tenant, Inbox Inbox, Letter First, string Thread)> BeginAsync()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var first = new Letter { Subject = "Delivery of order 7" };
        return (tenant, inbox, first, (await tenant.ReceiveAsync(inbox, first)).ThreadId);
    }

    private static async Task<string> ThreadOfAsync(Tenant tenant, Inbox inbox, Letter letter) => (await tenant.ReceiveAsync(inbox, letter)).ThreadId;

    [Fact]
    public async Task Mail_that_names_nothing_begins_a_thread()
    {
        var (tenant, inbox, _, thread) = await BeginAsync();
        Assert.NotEqual(thread, await ThreadOfAsync(tenant, inbox, new Letter { Subject = "Something else" }));
    }

    [Fact]
    public async Task A_token_leads_to_its_thread()
    {
        var (tenant, inbox, _, thread) = await BeginAsync();
        var token = (await tenant.ThreadAsync(thread)).ReplyToken;
        Assert.Equal(thread, await ThreadOfAsync(tenant, inbox, new Letter { Token = token, From = "zoe@example.net" }));
    }

    [Fact]
    public async Task A_token_beats_the_headers()
    {
        var (tenant, inbox, first, _) = await BeginAsync();
        var other = await ThreadOfAsync(tenant, inbox, new Letter { Subject = "Other" });
        var letter = Letter.AnswerTo(first.MessageId!) with { Token = (await tenant.ThreadAsync(other)).ReplyToken };
        Assert.Equal(other, await ThreadOfAsync(tenant, inbox, letter));
    }

    [Fact]
    public async Task A_token_of_another_inbox_is_ignored()
    {
        var (tenant, _, _, thread) = await BeginAsync();
        var other = await tenant.AddInboxAsync();
        var token = (await tenant.ThreadAsync(thread)).ReplyToken;
        var mail = Tenant.Inbound(new Letter { Token = token }, Now, other);
        Assert.Equal(mail.Deliveries[0].NewThreadId, Assert.Single(await Store.Inbound.AcceptAsync(mail, Cancel)).ThreadId);
    }

    [Fact]
    public async Task Behind_an_unknown_token_the_headers_count()
    {
        var (tenant, inbox, first, thread) = await BeginAsync();
        Assert.Equal(thread, await ThreadOfAsync(tenant, inbox, Letter.AnswerTo(first.MessageId!) with { Token = "newsletter" }));
    }

    [Fact]
    public async Task In_Reply_To_leads_to_the_thread_of_the_named_message()
    {
        var (tenant, inbox, first, thread) = await BeginAsync();
        Assert.Equal(thread, await ThreadOfAsync(tenant, inbox, new Letter { Subject = "x", InReplyTo = first.MessageId }));
    }

    [Fact]
    public async Task References_lead_to_the_thread_when_In_Reply_To_is_missing()
    {
        var (tenant, inbox, first, thread) = await BeginAsync();
        Assert.Equal(thread, await ThreadOfAsync(tenant, inbox, new Letter { Subject = "x", References = [first.MessageId!] }));
    }

    [Fact]
    public async Task References_lead_to_the_thread_when_In_Reply_To_is_unknown()
    {
        var (tenant, inbox, first, thread) = await BeginAsync();
        var letter = new Letter { Subject = "x", InReplyTo = "<unknown@example.org>", References = [first.MessageId!, "<unknown@example.org>"] };
        Assert.Equal(thread, await ThreadOfAsync(tenant, inbox, letter));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Mail_that_names_two_threads_joins_the_older_whichever_comes_first(bool olderFirst)
    {
        var (tenant, inbox, first, older) = await BeginAsync();
        var second = new Letter { Subject = "Other" };
        var younger = await ThreadOfAsync(tenant, inbox, second);
        string[] ids = olderFirst ? [first.MessageId!, second.MessageId!] : [second.MessageId!, first.MessageId!];
        var connecting = new Letter { Subject = "x", InReplyTo = ids[1], References = ids };
        Assert.Equal(older, await ThreadOfAsync(tenant, inbox, connecting));
        Assert.Equal((2, 1), ((await tenant.ThreadAsync(older)).MessageCount, (await tenant.ThreadAsync(younger)).MessageCount));
    }

    [Fact]
    public async Task The_older_thread_is_the_one_that_began_first_even_if_the_other_had_mail_later()
    {
        var (tenant, inbox, first, older) = await BeginAsync();
        var second = new Letter { Subject = "Other" };
        var younger = await ThreadOfAsync(tenant, inbox, second);
        Assert.Equal(older, await ThreadOfAsync(tenant, inbox, Letter.AnswerTo(first.MessageId!)));
        Assert.NotEqual(older, younger);
        Assert.Equal(older, await ThreadOfAsync(tenant, inbox, new Letter { Subject = "x", References = [second.MessageId!, first.MessageId!] }));
    }

    [Fact]
    public async Task Threads_that_were_connected_stay_two()
    {
        var (tenant, inbox, first, older) = await BeginAsync();
        var second = new Letter { Subject = "Other" };
        var younger = await ThreadOfAsync(tenant, inbox, second);
        var connecting = new Letter { Subject = "x", References = [first.MessageId!, second.MessageId!] };
        await tenant.ReceiveAsync(inbox, connecting);
        Assert.Equal(older, await ThreadOfAsync(tenant, inbox, Letter.AnswerTo(connecting.MessageId!)));
        Assert.Equal(younger, await ThreadOfAsync(tenant, inbox, Letter.AnswerTo(second.MessageId!)));
    }

    [Fact]
    public async Task A_parent_that_comes_after_its_answer_joins_it()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var parent = new Letter { Subject = "Parent" };
        var thread = await ThreadOfAsync(tenant, inbox, Letter.AnswerTo(parent.MessageId!));
        Assert.Equal(thread, await ThreadOfAsync(tenant, inbox, parent));
    }

    [Fact]
    public async Task A_grandparent_known_from_References_only_joins_when_it_comes()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var root = new Letter { Subject = "Root" };
        var letter = new Letter { Subject = "x", InReplyTo = "<p@example.org>", References = [root.MessageId!, "<p@example.org>"] };
        var thread = await ThreadOfAsync(tenant, inbox, letter);
        Assert.Equal(thread, await ThreadOfAsync(tenant, inbox, root));
    }

    [Fact]
    public async Task Two_answers_to_a_missing_parent_meet()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var thread = await ThreadOfAsync(tenant, inbox, Letter.AnswerTo("<missing@example.org>"));
        Assert.Equal(thread, await ThreadOfAsync(tenant, inbox, Letter.AnswerTo("<missing@example.org>") with { From = "bob@example.net" }));
    }

    [Fact]
    public async Task A_conversation_that_arrives_backwards_is_one_thread()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        List<string> ids = [.. Enumerable.Range(0, 6).Select(i => $"<step{i}@example.org>")];
        HashSet<string> threads = new(StringComparer.Ordinal);
        for (var i = 5; i >= 0; i--)
        {
            threads.Add(await ThreadOfAsync(tenant, inbox, new Letter
            {
                Subject = $"step {i}",
                From = $"p{i}@example.org",
                MessageId = ids[i],
                InReplyTo = i == 0 ? null : ids[i - 1],
            }));
        }

        Assert.Single(threads);
    }

    [Fact]
    public async Task Mail_whose_own_id_and_parent_lead_to_two_threads_joins_the_older()
    {
        var (tenant, inbox, first, older) = await BeginAsync();
        var middle = Letter.AnswerTo(first.MessageId!);
        var younger = await ThreadOfAsync(tenant, inbox, Letter.AnswerTo(middle.MessageId!) with { From = "bob@example.net" });
        Assert.NotEqual(older, younger);
        Assert.Equal(older, await ThreadOfAsync(tenant, inbox, middle));
    }

    [Fact]
    public async Task The_same_ids_in_another_inbox_are_another_thread()
    {
        var (tenant, _, first, thread) = await BeginAsync();
        var other = await tenant.AddInboxAsync();
        var answer = await ThreadOfAsync(tenant, other, Letter.AnswerTo(first.MessageId!));
        Assert.NotEqual(thread, answer);
        Assert.Equal(other.Id, (await tenant.ThreadAsync(answer)).InboxId);
    }

    [Fact]
    public async Task A_reply_subject_of_the_same_correspondent_joins_the_thread_of_that_subject()
    {
        var (tenant, inbox, first, thread) = await BeginAsync();
        Assert.Equal(thread, await ThreadOfAsync(tenant, inbox, new Letter { Subject = $"Re: {first.Subject}" }));
    }

    [Fact]
    public async Task The_same_subject_without_reply_style_begins_a_thread()
    {
        var (tenant, inbox, first, thread) = await BeginAsync();
        Assert.NotEqual(thread, await ThreadOfAsync(tenant, inbox, new Letter { Subject = first.Subject }));
    }

    [Fact]
    public async Task A_reply_subject_of_another_correspondent_begins_a_thread()
    {
        var (tenant, inbox, first, thread) = await BeginAsync();
        Assert.NotEqual(thread, await ThreadOfAsync(tenant, inbox, new Letter { Subject = $"Re: {first.Subject}", From = "mallory@example.net" }));
    }

    [Fact]
    public async Task A_reply_subject_in_another_inbox_begins_a_thread()
    {
        var (tenant, _, first, thread) = await BeginAsync();
        var other = await tenant.AddInboxAsync();
        Assert.NotEqual(thread, await ThreadOfAsync(tenant, other, new Letter { Subject = $"Re: {first.Subject}" }));
    }

    [Fact]
    public async Task A_reply_with_another_subject_begins_a_thread()
    {
        var (tenant, inbox, first, thread) = await BeginAsync();
        Assert.NotEqual(thread, await ThreadOfAsync(tenant, inbox, new Letter { Subject = $"Re: {first.Subject}8" }));
    }

    [Fact]
    public async Task Replies_with_an_empty_subject_are_not_taken_for_one_thread()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var first = await ThreadOfAsync(tenant, inbox, new Letter { Subject = "" });
        Assert.NotEqual(first, await ThreadOfAsync(tenant, inbox, new Letter { Subject = "Re:" }));
    }

    [Theory]
    [InlineData(29, true)]
    [InlineData(31, false)]
    public async Task A_subject_is_remembered_for_30_days(int days, bool joins)
    {
        var (tenant, inbox, first, thread) = await BeginAsync();
        Time.Advance(TimeSpan.FromDays(days));
        Assert.Equal(joins, await ThreadOfAsync(tenant, inbox, new Letter { Subject = $"Re: {first.Subject}" }) == thread);
    }

    [Fact]
    public async Task A_reply_subject_of_somebody_we_wrote_to_joins_the_sent_thread()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var sent = await tenant.SendAsync(tenant.Outgoing(inbox, "ada@example.org"));
        Assert.Equal(sent.ThreadId, await ThreadOfAsync(tenant, inbox, new Letter { Subject = "Re: Offer" }));
        Assert.NotEqual(sent.ThreadId, await ThreadOfAsync(tenant, inbox, new Letter { Subject = "Re: Offer", From = "bob@example.net" }));
    }

    [Fact]
    public async Task An_answer_to_a_sent_message_joins_its_thread()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var mail = tenant.Outgoing(inbox);
        var sent = await tenant.SendAsync(mail);
        Assert.Equal(sent.ThreadId, await ThreadOfAsync(tenant, inbox, Letter.AnswerTo(mail.SmtpMessageId)));
    }

    [Fact]
    public async Task The_token_of_a_sent_message_leads_to_its_thread()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var mail = tenant.Outgoing(inbox);
        var sent = await tenant.SendAsync(mail);
        Assert.Equal(sent.ThreadId, await ThreadOfAsync(tenant, inbox, new Letter { Token = mail.NewReplyToken }));
    }

    [Fact]
    public async Task The_reply_context_is_the_newest_id_and_the_chain_before_it()
    {
        var (tenant, inbox, first, thread) = await BeginAsync();
        var second = Letter.AnswerTo(first.MessageId!);
        await tenant.ReceiveAsync(inbox, second);
        await tenant.ReceiveAsync(inbox, new Letter { MessageId = null, InReplyTo = second.MessageId });
        var context = await Store.Threads.GetReplyContextAsync(tenant.OrgId, thread, Cancel);
        Assert.Equal(3, (await tenant.ThreadAsync(thread)).MessageCount);
        Assert.Equal(second.MessageId, context.InReplyTo);
        Assert.Equal([first.MessageId!], context.References);
    }

    [Fact]
    public async Task A_thread_without_any_id_has_an_empty_reply_context()
    {
        var tenant = await NewTenantAsync();
        var inbox = await tenant.AddInboxAsync();
        var thread = await ThreadOfAsync(tenant, inbox, new Letter { MessageId = null });
        var context = await Store.Threads.GetReplyContextAsync(tenant.OrgId, thread, Cancel);
        Assert.Null(context.InReplyTo);
        Assert.Empty(context.References);
    }
}
