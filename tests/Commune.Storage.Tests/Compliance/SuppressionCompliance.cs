using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

/// <summary>Who gets no more mail (contract section 13): what adds to the list, what stays on it, and what a send skips.</summary>
public abstract class SuppressionCompliance(Engine engine) : StoreCompliance(engine)
{
    private const string Ada = "ada@example.org";
    private const long Week = 7L * 24 * 60 * 60 * 1000;

    private async Task<(Tenant Tenant, Inbox Inbox)> BeginAsync()
    {
        var tenant = await NewTenantAsync();
        return (tenant, await tenant.AddInboxAsync());
    }

    private Suppression Entry(Tenant tenant, Inbox? inbox, string address = Ada, string reason = SuppressionReason.Manual, long? expiresAt = null) => new(
        tenant.OrgId, EntityId.NewSortable("sup_", Time.GetUtcNow()), address, inbox?.Id, inbox?.DomainId, reason, null, null, Now, expiresAt);

    /// <summary>Sends a mail and records this outcome of its only recipient.</summary>
    private async Task<OutboundMail> SendAndRecordAsync(Tenant tenant, Inbox inbox, string status, int? code, string detail, string to = Ada)
    {
        var mail = tenant.Outgoing(inbox, to);
        await tenant.SendAsync(mail);
        var job = Assert.Single(await ClaimDeliveriesAsync(tenant, Now), job => job.Payload.Contains(mail.MessageId, StringComparison.Ordinal));
        Assert.True(await Store.Outbound.RecordAsync(
            job, DeliverPayload.Parse(job.Payload), [new RecipientOutcome(to, status, code, detail)], null, Now, Cancel));
        Time.Advance(TimeSpan.FromSeconds(1));
        return mail;
    }

    private Task<OutboundMail> SoftBounceAsync(Tenant tenant, Inbox inbox) => SendAndRecordAsync(tenant, inbox, "bounced", 552, "552 5.2.2 Mailbox full");

    private Task<OutboundMail> DeliverAsync(Tenant tenant, Inbox inbox) => SendAndRecordAsync(tenant, inbox, "delivered", 250, "250 Ok");

    private async Task<IReadOnlyList<Suppression>> ListAsync(Tenant tenant, Inbox? inbox = null, string? address = null) =>
        (await Store.Suppressions.ListAsync(new SuppressionQuery(tenant.OrgId, inbox?.Id, inbox is null && address is null ? tenant.Domain.Id : null, address, Now, 100, null), Cancel)).Items;

    private async Task<string[]> SkippedAsync(Tenant tenant, Inbox inbox, params string[] to) =>
        [.. (await tenant.SendAsync(tenant.Outgoing(inbox, to))).Skipped.Select(one => one.Address)];

    [Fact]
    public async Task A_hard_bounce_suppresses_the_address_for_that_inbox_for_ever()
    {
        var (tenant, inbox) = await BeginAsync();
        var mail = await SendAndRecordAsync(tenant, inbox, "bounced", 550, "550 5.1.1 No such user");
        var entry = Assert.Single(await ListAsync(tenant, inbox));
        Assert.Equal(
            (Ada, inbox.Id, inbox.DomainId, "hard_bounce", mail.MessageId, "550 5.1.1 No such user", null),
            (entry.Address, entry.InboxId, entry.DomainId, entry.Reason, entry.MessageId, entry.Detail, entry.ExpiresAt));
        Time.Advance(TimeSpan.FromDays(400));
        Assert.Equal([Ada], await SkippedAsync(tenant, inbox, Ada));
        Assert.Empty(await SkippedAsync(tenant, await tenant.AddInboxAsync(), Ada));
    }

    [Theory]
    [InlineData(554, "554 5.7.1 Your message looks like spam")]
    [InlineData(550, "550 5.7.1 Your IP is listed by a blocklist")]
    public async Task A_block_or_a_refused_content_suppresses_nobody(int code, string detail)
    {
        var (tenant, inbox) = await BeginAsync();
        for (var i = 0; i < 4; i++)
            await SendAndRecordAsync(tenant, inbox, "bounced", code, detail);
        Assert.Empty(await ListAsync(tenant, inbox));
    }

    [Fact]
    public async Task The_third_soft_bounce_in_a_row_suppresses_for_seven_days()
    {
        var (tenant, inbox) = await BeginAsync();
        await SoftBounceAsync(tenant, inbox);
        await SoftBounceAsync(tenant, inbox);
        Assert.Empty(await ListAsync(tenant, inbox));
        await SoftBounceAsync(tenant, inbox);
        var entry = Assert.Single(await ListAsync(tenant, inbox));
        Assert.Equal(("soft_bounce", entry.SuppressedAt + Week), (entry.Reason, entry.ExpiresAt));
        Assert.Equal([Ada], await SkippedAsync(tenant, inbox, Ada));

        Time.Advance(TimeSpan.FromDays(7));
        Assert.Empty(await SkippedAsync(tenant, inbox, Ada));
        Assert.Empty(await ListAsync(tenant, inbox));
    }

    [Fact]
    public async Task A_delivery_makes_the_count_of_soft_bounces_begin_anew()
    {
        var (tenant, inbox) = await BeginAsync();
        await SoftBounceAsync(tenant, inbox);
        await SoftBounceAsync(tenant, inbox);
        await DeliverAsync(tenant, inbox);
        await SoftBounceAsync(tenant, inbox);
        await SoftBounceAsync(tenant, inbox);
        Assert.Empty(await ListAsync(tenant, inbox));
        await SoftBounceAsync(tenant, inbox);
        Assert.Single(await ListAsync(tenant, inbox));
    }

    [Fact]
    public async Task Soft_bounces_are_counted_for_each_inbox()
    {
        var (tenant, inbox) = await BeginAsync();
        var other = await tenant.AddInboxAsync();
        await SoftBounceAsync(tenant, inbox);
        await SoftBounceAsync(tenant, inbox);
        await SoftBounceAsync(tenant, other);
        Assert.Empty(await ListAsync(tenant));
    }

    [Fact]
    public async Task A_mail_that_was_refused_for_now_until_it_was_given_up_is_a_soft_bounce()
    {
        var (tenant, inbox) = await BeginAsync();
        for (var i = 0; i < 3; i++)
            await SendAndRecordAsync(tenant, inbox, "failed", 451, "451 4.2.0 Busy");
        Assert.Equal("soft_bounce", Assert.Single(await ListAsync(tenant, inbox)).Reason);
    }

    [Fact]
    public async Task A_host_that_never_answered_says_nothing_of_the_address()
    {
        var (tenant, inbox) = await BeginAsync();
        for (var i = 0; i < 3; i++)
            await SendAndRecordAsync(tenant, inbox, "failed", null, "connection refused");
        Assert.Empty(await ListAsync(tenant, inbox));
    }

    [Theory]
    [InlineData("soft_bounce", 1, "manual", null, "manual")]
    [InlineData("manual", null, "soft_bounce", 1, "manual")]
    [InlineData("hard_bounce", null, "soft_bounce", 1, "hard_bounce")]
    [InlineData("complaint", null, "hard_bounce", null, "complaint")]
    [InlineData("hard_bounce", null, "complaint", null, "complaint")]
    [InlineData("unsubscribe", null, "manual", null, "unsubscribe")]
    [InlineData("hard_bounce", null, "manual", 9, "hard_bounce")]
    [InlineData("manual", 9, "soft_bounce", 1, "manual")]
    [InlineData("soft_bounce", 1, "manual", 9, "manual")]
    public async Task An_entry_gives_way_only_to_a_firmer_one(string first, int? firstDays, string second, int? secondDays, string standing)
    {
        var (tenant, inbox) = await BeginAsync();
        var one = await Store.Suppressions.AddAsync(Entry(tenant, inbox, reason: first, expiresAt: Days(firstDays)), Cancel);
        var two = await Store.Suppressions.AddAsync(Entry(tenant, inbox, reason: second, expiresAt: Days(secondDays)), Cancel);
        Assert.Equal((one.Id, standing), (two.Id, two.Reason));
        Assert.Equal(standing == first ? one.ExpiresAt : Days(secondDays), two.ExpiresAt);
        Assert.Equal(two, Assert.Single(await ListAsync(tenant, inbox)));

        long? Days(int? days) => days is { } count ? Now + count * 86_400_000L : null;
    }

    [Fact]
    public async Task An_entry_of_the_organisation_holds_for_each_of_its_inboxes()
    {
        var (tenant, inbox) = await BeginAsync();
        await Store.Suppressions.AddAsync(Entry(tenant, inbox: null), Cancel);
        Assert.Equal([Ada], await SkippedAsync(tenant, inbox, Ada));
        Assert.Equal([Ada], await SkippedAsync(tenant, await tenant.AddInboxAsync(), Ada));
        Assert.Null(Assert.Single(await ListAsync(tenant, inbox)).InboxId);
        Assert.Single(await Store.Suppressions.FindAsync(tenant.OrgId, inbox.Id, [Ada, "bob@example.org"], Now, Cancel));
    }

    [Fact]
    public async Task Another_organisation_is_not_touched()
    {
        var (tenant, inbox) = await BeginAsync();
        var (stranger, strangersInbox) = await BeginAsync();
        var entry = await Store.Suppressions.AddAsync(Entry(tenant, inbox), Cancel);
        Assert.Empty(await SkippedAsync(stranger, strangersInbox, Ada));
        Assert.Empty(await ListAsync(stranger, address: Ada));
        Assert.Empty((await Store.Suppressions.ListAsync(new SuppressionQuery(stranger.OrgId, inbox.Id, null, null, Now, 100, null), Cancel)).Items);
        Assert.Empty(await Store.Suppressions.FindAsync(stranger.OrgId, inbox.Id, [Ada], Now, Cancel));
        Assert.False(await Store.Suppressions.RemoveAsync(stranger.OrgId, entry.Id, Cancel));
        Assert.Equal(0, await Store.Suppressions.RemoveAsync(stranger.OrgId, Ada, null, Cancel));
        Assert.Single(await ListAsync(tenant, address: Ada));
    }

    [Fact]
    public async Task A_send_skips_whom_it_must_and_tells_it()
    {
        var (tenant, inbox) = await BeginAsync();
        await Store.Suppressions.AddAsync(Entry(tenant, inbox, "ADA@Example.org", SuppressionReason.Unsubscribe), Cancel);
        var mail = tenant.Outgoing(inbox, "Ada@example.org", "bob@example.net");
        var queued = await tenant.SendAsync(mail);
        Assert.Equal([new SkippedRecipient("Ada@example.org", "unsubscribe")], queued.Skipped);
        Assert.Equal("queued", (await tenant.MessageAsync(mail.MessageId)).DeliveryStatus);
        Assert.Equal("example.net", Assert.Single(await ClaimDeliveriesAsync(tenant, Now)).Key);
        var states = await Store.Outbound.GetRecipientsAsync(tenant.OrgId, mail.MessageId, Cancel);
        Assert.Equal(["suppressed", "queued"], states.Select(state => state.Status));
        var told = Assert.Single((await Store.DeliveryEvents.ListAsync(new DeliveryEventQuery(tenant.OrgId, null, null, mail.MessageId, null, 10, null), Cancel)).Items);
        Assert.Equal(("suppressed", "Ada@example.org"), (told.Type, told.Recipient));
        Assert.Single(await tenant.EventTypesAsync(), "message.suppressed");
    }

    [Fact]
    public async Task A_message_of_which_one_recipient_was_skipped_ends_as_the_others_do()
    {
        var (tenant, inbox) = await BeginAsync();
        await Store.Suppressions.AddAsync(Entry(tenant, inbox), Cancel);
        var mail = tenant.Outgoing(inbox, Ada, "bob@example.net");
        await tenant.SendAsync(mail);
        var job = Assert.Single(await ClaimDeliveriesAsync(tenant, Now));
        await Store.Outbound.RecordAsync(job, DeliverPayload.Parse(job.Payload), [new RecipientOutcome("bob@example.net", "delivered", 250, "250 Ok")], null, Now, Cancel);
        Assert.Equal("delivered", (await tenant.MessageAsync(mail.MessageId)).DeliveryStatus);
    }

    [Fact]
    public async Task A_message_with_nobody_left_is_stored_as_suppressed()
    {
        var (tenant, inbox) = await BeginAsync();
        await Store.Suppressions.AddAsync(Entry(tenant, inbox), Cancel);
        var mail = tenant.Outgoing(inbox, Ada);
        await tenant.SendAsync(mail);
        Assert.Equal("suppressed", (await tenant.MessageAsync(mail.MessageId)).DeliveryStatus);
        Assert.Empty(await ClaimDeliveriesAsync(tenant, Now + 60_000));
    }

    [Fact]
    public async Task The_idempotency_key_remembers_the_answer_that_names_the_skipped()
    {
        var (tenant, inbox) = await BeginAsync();
        await Store.Suppressions.AddAsync(Entry(tenant, inbox), Cancel);
        var mail = tenant.Outgoing(inbox, Ada, "bob@example.net") with
        {
            Idempotency = new IdempotencyClaim("key", new byte[32], 202, [0]),
            BodyWhenSkipped = static skipped => [(byte)skipped.Count, 42],
        };
        await tenant.SendAsync(mail);
        var repeat = Assert.IsType<QueueResult.Replayed>(await Store.Outbound.QueueAsync(mail, Cancel));
        Assert.Equal([1, 42], repeat.Body);
    }

    [Fact]
    public async Task A_removed_entry_no_longer_holds_and_soft_bounces_are_counted_anew()
    {
        var (tenant, inbox) = await BeginAsync();
        for (var i = 0; i < 3; i++)
            await SoftBounceAsync(tenant, inbox);
        var entry = Assert.Single(await ListAsync(tenant, inbox));
        Assert.True(await Store.Suppressions.RemoveAsync(tenant.OrgId, entry.Id, Cancel));
        Assert.False(await Store.Suppressions.RemoveAsync(tenant.OrgId, entry.Id, Cancel));
        await SoftBounceAsync(tenant, inbox);
        Assert.Empty(await ListAsync(tenant, inbox));
    }

    [Fact]
    public async Task Removing_an_address_takes_one_inbox_or_all()
    {
        var (tenant, inbox) = await BeginAsync();
        var other = await tenant.AddInboxAsync();
        foreach (var place in (Inbox?[])[inbox, other, null])
            await Store.Suppressions.AddAsync(Entry(tenant, place), Cancel);
        Assert.Equal(1, await Store.Suppressions.RemoveAsync(tenant.OrgId, "ADA@example.org", inbox.Id, Cancel));
        Assert.Equal(2, (await ListAsync(tenant, address: Ada)).Count);
        Assert.Equal(2, await Store.Suppressions.RemoveAsync(tenant.OrgId, Ada, null, Cancel));
        Assert.Empty(await SkippedAsync(tenant, inbox, Ada));
    }

    [Fact]
    public async Task A_list_is_walked_page_by_page_newest_first()
    {
        var (tenant, inbox) = await BeginAsync();
        for (var i = 0; i < 7; i++)
        {
            await Store.Suppressions.AddAsync(Entry(tenant, i % 3 == 0 ? null : inbox, $"u{i}@example.org"), Cancel);
            Time.Advance(TimeSpan.FromMilliseconds(i % 2));
        }
        List<string> walked = [];
        for (PageCursor? cursor = null; ;)
        {
            var page = await Store.Suppressions.ListAsync(new SuppressionQuery(tenant.OrgId, inbox.Id, null, null, Now, 3, cursor), Cancel);
            walked.AddRange(page.Items.Select(entry => entry.Address));
            if ((cursor = page.Next) is null)
                break;
        }
        Assert.Equal(Enumerable.Range(0, 7).Reverse().Select(i => $"u{i}@example.org"), walked);
    }

    [Fact]
    public async Task What_has_ended_is_swept_away_and_what_lasts_stays()
    {
        var (tenant, inbox) = await BeginAsync();
        await Store.Suppressions.AddAsync(Entry(tenant, inbox, expiresAt: Now + 1000), Cancel);
        await Store.Suppressions.AddAsync(Entry(tenant, inbox, "bob@example.org"), Cancel);
        await Store.SweepAsync(Now + 1000, Cancel);
        Assert.Equal("bob@example.org", Assert.Single((await Store.Suppressions.ListAsync(
            new SuppressionQuery(tenant.OrgId, inbox.Id, null, null, 0, 100, null), Cancel)).Items).Address);
    }
}
