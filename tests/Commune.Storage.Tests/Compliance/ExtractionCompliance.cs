using System.Text.Json.Nodes;
using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Compliance;

public abstract class ExtractionCompliance(Engine engine) : StoreCompliance(engine)
{
    private const string Schema = """{"name":"order","description":null,"schema":{"type":"object","properties":{}},"enabled":true}""";

    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task A_mail_to_an_inbox_with_an_enabled_schema_has_a_job_of_its_own_transaction()
    {
        var tenant = await NewTenantAsync();
        var inbox = await AddReadingInboxAsync(tenant);
        var stored = await tenant.ReceiveAsync(inbox, new Letter());
        var job = Assert.Single(await ClaimAsync(tenant, JobKind.Extract));
        Assert.Equal((stored.MessageId, inbox.Id), (job.Payload, job.Key));
    }

    [Fact]
    public async Task Without_a_schema_or_with_a_disabled_one_there_is_no_job_and_the_webhook_is_due_at_once()
    {
        var tenant = await NewTenantAsync();
        await tenant.ReceiveAsync(await AddReadingInboxAsync(tenant, schema: null), new Letter { WaitForExtraction = 5000 });
        await tenant.ReceiveAsync(
            await AddReadingInboxAsync(tenant, Schema.Replace("true", "false", StringComparison.Ordinal)), new Letter { WaitForExtraction = 5000 });
        Assert.Empty(await ClaimAsync(tenant, JobKind.Extract));
        Assert.Equal(2, (await ClaimAsync(tenant, JobKind.Webhook)).Count);
    }

    [Fact]
    public async Task A_webhook_waits_for_the_extraction_so_long_and_no_longer()
    {
        var tenant = await NewTenantAsync();
        await tenant.ReceiveAsync(await AddReadingInboxAsync(tenant), new Letter { WaitForExtraction = 5000 });
        Assert.Empty(await ClaimAsync(tenant, JobKind.Webhook));
        Assert.Single(await ClaimAsync(tenant, JobKind.Webhook, Now + 5000));
    }

    [Fact]
    public async Task The_result_the_event_the_end_of_the_job_and_the_release_of_the_webhook_are_one_step()
    {
        var tenant = await NewTenantAsync();
        var inbox = await AddReadingInboxAsync(tenant);
        var stored = await tenant.ReceiveAsync(inbox, new Letter { WaitForExtraction = 60_000 });
        var job = Assert.Single(await ClaimAsync(tenant, JobKind.Extract));
        Assert.True(await Store.Extractions.RecordAsync(job, Result(tenant, stored.MessageId), Now, Cancel));

        var message = await tenant.MessageAsync(stored.MessageId);
        Assert.Equal(("""{"order_id":"A-17"}""", """{"status":"ok"}"""), (message.ExtractedData, message.Extraction));
        var told = (await tenant.AllEventsAsync())[^1];
        Assert.Equal(("extraction.completed", inbox.Id, stored.ThreadId, stored.MessageId, """{"status":"ok"}"""),
            (told.Type, told.InboxId, told.ThreadId, told.MessageId, told.Data));
        Assert.Single(await ClaimAsync(tenant, JobKind.Webhook));
        Assert.Empty(await ClaimAsync(tenant, JobKind.Extract, Now + (long)Lease.TotalMilliseconds + 1));
        Assert.Equal("""{"order_id":"A-17"}""", Assert.Single(await tenant.AllMessagesAsync(tenant.Messages(inbox))).ExtractedData);
    }

    [Fact]
    public async Task A_run_that_failed_keeps_the_data_of_the_last_that_did_not()
    {
        var tenant = await NewTenantAsync();
        var stored = await tenant.ReceiveAsync(await AddReadingInboxAsync(tenant), new Letter());
        var good = Result(tenant, stored.MessageId) with { Info = """{"status":"ok","at":"t1","schema_version":1,"fields":{"order_id":{"quote":"A-17"}},"errors":[]}""" };
        var failure = good with { Data = null, Info = """{"status":"failed","at":"t2","schema_version":2,"fields":{},"errors":["down"]}""", IsFailure = true };
        Assert.True(await Store.Extractions.RecordAsync(good, Now, Cancel));
        Assert.True(await Store.Extractions.RecordAsync(failure, Now, Cancel));
        Assert.True(await Store.Extractions.RecordAsync(failure with { Info = failure.Info.Replace("t2", "t3", StringComparison.Ordinal) }, Now, Cancel));

        var message = await tenant.MessageAsync(stored.MessageId);
        Assert.Equal("""{"order_id":"A-17"}""", message.ExtractedData);
        var info = JsonNode.Parse(message.Extraction!)!;
        Assert.Equal(("failed", "t3", "down"), ((string)info["status"]!, (string)info["at"]!, (string)info["errors"]![0]!));
        Assert.Equal("A-17", (string)info["fields"]!["order_id"]!["quote"]!);
        Assert.Equal(("ok", "t1", 1), ((string)info["data_from"]!["status"]!, (string)info["data_from"]!["at"]!, (int)info["data_from"]!["schema_version"]!));

        Assert.True(await Store.Extractions.RecordAsync(good with { Data = null }, Now, Cancel));
        message = await tenant.MessageAsync(stored.MessageId);
        Assert.Null(message.ExtractedData);
        Assert.Null(JsonNode.Parse(message.Extraction!)!["data_from"]);
    }

    [Fact]
    public async Task A_worker_whose_lease_was_lost_changes_nothing()
    {
        var tenant = await NewTenantAsync();
        var stored = await tenant.ReceiveAsync(await AddReadingInboxAsync(tenant), new Letter());
        var job = Assert.Single(await ClaimAsync(tenant, JobKind.Extract));
        Assert.Single(await ClaimAsync(tenant, JobKind.Extract, Now + (long)Lease.TotalMilliseconds + 1));
        Assert.False(await Store.Extractions.RecordAsync(job, Result(tenant, stored.MessageId), Now, Cancel));
        Assert.Null((await tenant.MessageAsync(stored.MessageId)).Extraction);
        Assert.DoesNotContain("extraction.completed", await tenant.EventTypesAsync());
    }

    [Fact]
    public async Task Only_received_messages_of_the_organisation_take_a_result()
    {
        var (tenant, other) = (await NewTenantAsync(), await NewTenantAsync());
        var inbox = await AddReadingInboxAsync(tenant);
        var received = await tenant.ReceiveAsync(inbox, new Letter());
        var sent = tenant.Outgoing(inbox);
        await tenant.SendAsync(sent);
        Assert.False(await Store.Extractions.RecordAsync(Result(other, received.MessageId), Now, Cancel));
        Assert.False(await Store.Extractions.RecordAsync(Result(tenant, sent.MessageId), Now, Cancel));
        Assert.True(await Store.Extractions.RecordAsync(Result(tenant, received.MessageId), Now, Cancel));
    }

    [Fact]
    public async Task The_version_of_a_schema_counts_its_changes()
    {
        var tenant = await NewTenantAsync();
        var inbox = await AddReadingInboxAsync(tenant);
        Assert.Equal(1, await VersionAsync());
        await Store.Inboxes.UpdateAsync(inbox with { DisplayName = "Other" }, Cancel);
        Assert.Equal(1, await VersionAsync());
        await Store.Inboxes.UpdateAsync(inbox with { ExtractionSchema = Schema.Replace("order", "bill", StringComparison.Ordinal) }, Cancel);
        Assert.Equal(2, await VersionAsync());

        async Task<int> VersionAsync() => (await Store.Inboxes.GetAsync(tenant.OrgId, inbox.Id, Cancel))!.SchemaVersion;
    }

    [Fact]
    public async Task A_backfill_keeps_how_far_it_has_come_and_goes_on_where_it_stopped()
    {
        var tenant = await NewTenantAsync();
        var inbox = await AddReadingInboxAsync(tenant);
        await tenant.ReceiveAsync(inbox, new Letter());
        await tenant.ReceiveAsync(inbox, new Letter());
        await tenant.SendAsync(tenant.Outgoing(inbox));
        var begun = await Store.Extractions.StartBackfillAsync(tenant.OrgId, inbox.Id, 1, Now, Cancel);
        Assert.Equal(("running", 2L, 0L), (begun.Status, begun.Total, begun.Done));
        Assert.Equal(begun.Id, (await Store.Extractions.StartBackfillAsync(tenant.OrgId, inbox.Id, 1, Now, Cancel)).Id);

        var job = Assert.Single(await ClaimAsync(tenant, JobKind.ExtractBackfill));
        var stopped = begun with { Status = "stopped", Done = 1, Cursor = new PageCursor(0, Now, "msg_x"), EndedAt = Now, Error = "enough" };
        Assert.True(await Store.Extractions.AdvanceBackfillAsync(job, stopped, null, Cancel));
        Assert.Equal(stopped, await Store.Extractions.FindBackfillAsync(tenant.OrgId, inbox.Id, Cancel));
        Assert.False(await Store.Extractions.AdvanceBackfillAsync(job, begun, null, Cancel));

        var resumed = await Store.Extractions.StartBackfillAsync(tenant.OrgId, inbox.Id, 1, Now, Cancel);
        Assert.Equal(("running", 1L, "msg_x"), (resumed.Status, resumed.Done, resumed.Cursor?.Id));
        var again = Assert.Single(await ClaimAsync(tenant, JobKind.ExtractBackfill));
        Assert.True(await Store.Extractions.AdvanceBackfillAsync(again, resumed, Now + 1000, Cancel));
        Assert.Empty(await ClaimAsync(tenant, JobKind.ExtractBackfill));
        Assert.Single(await ClaimAsync(tenant, JobKind.ExtractBackfill, Now + 1000));
        Assert.Null(await Store.Extractions.FindBackfillAsync((await NewTenantAsync()).OrgId, inbox.Id, Cancel));
    }

    [Fact]
    public async Task Tokens_of_a_day_are_given_to_no_more_than_there_are()
    {
        var tenant = await NewTenantAsync();
        var taken = await AllAtOnceAsync(20, i => Node(i).ModelSpending.TryTakeAsync(tenant.OrgId, ModelWork.Extraction, 5, 30, 100, Cancel));
        Assert.Equal(3, taken.Count(static one => one));
        await Store.ModelSpending.CorrectAsync(tenant.OrgId, ModelWork.Extraction, 5, -20, Cancel);
        Assert.True(await Store.ModelSpending.TryTakeAsync(tenant.OrgId, ModelWork.Extraction, 5, 30, 100, Cancel));
        Assert.False(await Store.ModelSpending.TryTakeAsync(tenant.OrgId, ModelWork.Extraction, 5, 1, 100, Cancel));
        Assert.True(await Store.ModelSpending.TryTakeAsync(tenant.OrgId, ModelWork.Extraction, 6, 100, 100, Cancel));
        Assert.False(await Store.ModelSpending.TryTakeAsync(tenant.OrgId, ModelWork.Extraction, 7, 101, 100, Cancel));
        Assert.True(await Store.ModelSpending.TryTakeAsync(tenant.OrgId, ModelWork.Embedding, 6, 100, 100, Cancel), "another kind of work has its own allowance");
        await Store.ModelSpending.SweepAsync(6, Cancel);
        Assert.True(await Store.ModelSpending.TryTakeAsync(tenant.OrgId, ModelWork.Extraction, 5, 100, 100, Cancel));
        Assert.False(await Store.ModelSpending.TryTakeAsync(tenant.OrgId, ModelWork.Extraction, 6, 1, 100, Cancel));
    }

    private static MessageExtraction Result(Tenant tenant, string messageId) =>
        new(tenant.OrgId, messageId, """{"order_id":"A-17"}""", """{"status":"ok"}""", """{"status":"ok"}""");

    private async Task<Inbox> AddReadingInboxAsync(Tenant tenant, string? schema = Schema)
    {
        var inbox = tenant.NewInbox() with { ExtractionSchema = schema, Webhook = new WebhookSetting("https://app.example/hook", ["inbound"], "whsec_x") };
        Assert.True(await Store.Inboxes.CreateAsync(inbox, Cancel));
        return inbox;
    }

    private async Task<IReadOnlyList<Job>> ClaimAsync(Tenant tenant, string kind, long? at = null) =>
        [.. (await Store.Jobs.ClaimAsync(kind, 1000, 1000, at ?? Now, Lease, Cancel)).Where(job => job.OrgId == tenant.OrgId)];
}
