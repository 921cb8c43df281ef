using Commune.Client;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Client;

/// <summary>The .NET client against the running program.</summary>
public abstract class ClientTests(Engine engine) : ServerTests(engine)
{
    private CommuneClient NewClient(HttpMessageHandler? handler = null) => new(new CommuneClientOptions
    {
        Address = Server.Program.Http,
        ApiKey = Server.AdminKey,
        Handler = handler,
        FirstDelay = TimeSpan.FromMilliseconds(1),
    });

    [Fact]
    public async Task Mail_is_received_read_and_answered()
    {
        using var client = NewClient();
        var inbox = await client.Inboxes.CreateAsync(ApiClient.NewLocalPart(), "Ada");
        await ReceiveAsync("kim@example.com", inbox.Address, Letter.WithAttachment("Kim <kim@example.com>", inbox.Address, "Parcel", "Where is it?", "a.txt", "text/plain", "file"u8.ToArray()));
        var thread = Assert.Single(await client.Threads.ListAsync(inbox.Id).ToListAsync());
        Assert.Equal(("Parcel", "inbound", 1), (thread.Subject, thread.LastDirection, thread.MessageCount));
        var message = Assert.Single(await client.Threads.MessagesAsync(thread.ThreadId).ToListAsync());
        Assert.Equal(("kim@example.com", "Where is it?"), (message.From, message.Content.Trim()));
        Assert.Equal("file"u8.ToArray(), await client.Attachments.DownloadAsync(message.Attachments[0]));
        Assert.Contains("Where is it?", System.Text.Encoding.UTF8.GetString(await client.Messages.RawAsync(message.MessageId)), StringComparison.Ordinal);

        await client.Threads.AddTagsAsync(thread.ThreadId, ["vip", "parcel"]);
        await client.Threads.AssignAsync(thread.ThreadId, "agent-7");
        var triage = await client.Threads.RemoveTagsAsync(thread.ThreadId, ["parcel"]);
        Assert.Equal(("agent-7", "vip"), (triage.AssignedTo, Assert.Single(triage.Tags)));
        Assert.Null((await client.Threads.AssignAsync(thread.ThreadId, null)).AssignedTo);

        var upload = await client.Attachments.UploadAsync("Grüße.txt", "hello"u8.ToArray());
        Assert.Equal(("Grüße.txt", 5L), (upload.Filename, (await client.Attachments.GetAsync(upload.AttachmentId)).Size));
        var remote = Server.NewRemoteDomain();
        var sent = await client.Messages.SendAsync(new NewMessage { To = ["kim@" + remote], ThreadId = thread.ThreadId, Text = "It is on its way.", Attachments = [upload.AttachmentId] });
        Assert.Equal((thread.ThreadId, "Re: Parcel", "queued"), (sent.ThreadId, sent.Subject, sent.Status));
        Assert.Equal(sent.Id, (await client.Messages.ListAsync(inbox.Id).FirstAsync()).MessageId);
    }

    [Fact]
    public async Task A_send_whose_answer_is_lost_is_repeated_and_sent_once()
    {
        using var handler = new LosesAnswers(2);
        using var client = NewClient(handler);
        var inbox = await Api.NewInboxAsync();
        var sent = await client.Messages.SendAsync(new NewMessage { To = ["kim@" + Server.NewRemoteDomain()], Subject = "Once", Text = "t", InboxId = inbox.Id });
        Assert.Equal(3, handler.Requests);
        Assert.Equal(sent.Id, (string)(await Api.OnlyMessageAsync(inbox))["id"]!);
    }

    [Fact]
    public async Task What_the_server_refuses_is_an_exception_with_its_words()
    {
        using var client = NewClient();
        var unknown = await Assert.ThrowsAsync<CommuneException>(() => client.Inboxes.GetAsync("i_unknown"));
        Assert.Equal((404, "not_found", "Inbox not found"), (unknown.Status, unknown.Code, unknown.Message));
        var wrong = await Assert.ThrowsAsync<CommuneException>(() => client.Inboxes.CreateAsync("no good"));
        Assert.Equal((400, "local_part"), (wrong.Status, Assert.Single(wrong.Details).Path));
        using var narrow = new CommuneClient(Server.Program.Http, (await client.Keys.CreateAsync("narrow", ["threads:read"])).Secret);
        Assert.Equal("inboxes:read", Assert.Single((await Assert.ThrowsAsync<CommuneException>(() => narrow.Inboxes.GetAsync("i_x"))).Required));
    }

    [Fact]
    public async Task Events_come_by_waiting_calls_by_a_stream_and_by_a_socket()
    {
        using var client = NewClient();
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var inbox = await client.Inboxes.CreateAsync(ApiClient.NewLocalPart());
        var none = await client.Events.ListAsync(inboxId: inbox.Id, cancellation: over.Token).ToListAsync();
        Assert.Empty(none);
        var polled = client.Events.ListAsync("earliest", "message.received", inbox.Id, TimeSpan.FromSeconds(20), over.Token).FirstAsync(over.Token).AsTask();
        var streamed = client.Events.StreamAsync("earliest", "message.received", inbox.Id, over.Token).FirstAsync(over.Token).AsTask();
        var told = client.Events.SocketAsync("earliest", "message.received", inbox.Id, over.Token).FirstAsync(over.Token).AsTask();
        await ReceiveAsync("kim@example.com", inbox.Address, Letter.Plain("kim@example.com", inbox.Address, "Code 123456", "Your code is 123456"));
        var first = await polled;
        Assert.Equal(("message.received", "Code 123456"), (first.Type, first.Data.GetProperty("subject").GetString()));
        Assert.Equal((first.Id, first.Id), ((await streamed).Id, (await told).Id));
        var waited = await client.Inboxes.WaitAsync(inbox.Id, TimeSpan.FromSeconds(5), after: "60s", cancellation: over.Token);
        Assert.Equal(("123456", first.MessageId), (waited.Data!.Code!.Value, waited.Data.Message.MessageId));
    }

    [Fact]
    public async Task An_agent_signs_its_requests()
    {
        var identity = await new AgentIdentity(Server).JoinAsync();
        using var client = new CommuneClient(new CommuneClientOptions
        {
            Address = Server.Program.Http,
            Agent = new AgentCredentials(identity.AgentId, (bytes, _) => ValueTask.FromResult(Convert.FromBase64String(identity.Sign(System.Text.Encoding.UTF8.GetString(bytes.Span))))),
        });
        Assert.Equal(identity.OrgId, (await client.Organisation.GetAsync()).Id);
        Assert.Equal("Ada & Co", (await client.Organisation.RenameAsync("Ada & Co")).Name);
        Assert.Equal(identity.AgentId, Assert.Single(await client.Agents.ListAsync().ToListAsync()).Id);
    }

    [Fact]
    public async Task Settings_and_lists_are_read_as_records()
    {
        using var client = NewClient();
        var domain = await client.Domains.CreateAsync($"d{Guid.NewGuid():N}"[..14] + ".example");
        Assert.Equal("require", (await client.Domains.UpdateAsync(domain.Id, new DomainChange { Tls = "require" })).Tls);
        Assert.Contains(await client.Domains.RecordsAsync(domain.Id), static record => record.Record == "DKIM");
        Assert.Contains(domain.Name, await client.Domains.ZoneAsync(domain.Id), StringComparison.Ordinal);
        Assert.Contains(await client.Domains.ListAsync().ToListAsync(), one => one.Id == domain.Id);
        await client.Domains.DeleteAsync(domain.Id);
        var inbox = await client.Inboxes.CreateAsync(ApiClient.NewLocalPart());
        Assert.NotNull((await client.Inboxes.SetWebhookAsync(inbox.Id, new WebhookSetting("https://hook.invalid/x"))).Webhook);
        Assert.Null((await client.Inboxes.UpdateAsync(inbox.Id, new InboxChange { RemoveWebhook = true, Name = "B" })).Webhook);
        var suppression = await client.Suppressions.AddAsync("gone@far.test", inbox.Id);
        Assert.Equal(suppression.Id, Assert.Single(await client.Suppressions.ListAsync(inbox.Id).ToListAsync()).Id);
        await client.Suppressions.RemoveAsync(suppression.Id);
        Assert.Equal(0, (await client.Delivery.MetricsAsync(inbox.Id)).Sent);
        var request = await client.Deletions.CreateAsync("inbox", inbox.Id);
        Assert.Equal("completed", (await client.Deletions.ConfirmAsync(request.Id, request.ConfirmationToken!)).Status);
        Assert.False((await client.Sending.PauseAsync()).Paused);
        Assert.Equal("enterprise", (await client.Organisation.LimitsAsync()).Tier);
        Assert.NotEmpty(await client.Organisation.AuditAsync().Take(3).ToListAsync());
        Assert.Equal("received", (await client.Feedback.SendAsync("signal", "It works.")).Status);
        Assert.NotNull(await client.Webhooks.HealthAsync());
        Assert.Equal(0, (await client.Dmarc.SummaryAsync("nobody.example")).ReportCount);
    }

    [Fact]
    public async Task Mail_is_searched_read_by_a_schema_and_made_ready_for_a_model()
    {
        using var client = NewClient();
        var inbox = await client.Inboxes.CreateAsync(ApiClient.NewLocalPart());
        await ReceiveAsync("kim@example.com", inbox.Address, Letter.Plain("Kim <kim@example.com>", inbox.Address, "Broken lamp", "Please refund order 1007."));
        var found = await client.Search.ThreadsAsync("lamp refund", inbox.Id, filter: new SearchFilter { From = "kim", HasAttachment = false });
        var thread = Assert.Single(found.Data);
        Assert.Equal(("Broken lamp", 1, null), (thread.Subject, thread.MessageCount, found.NextCursor));
        var message = Assert.Single((await client.Search.MessagesAsync("lamp", inbox.Id)).Data);
        Assert.Equal(("kim@example.com", thread.MessageId, "lamp"), (message.From, message.MessageId, message.Subject[message.SubjectHighlights[0].Start..message.SubjectHighlights[0].End]));
        Assert.Empty((await client.Search.MessagesAsync("lamp", inbox.Id, filter: new SearchFilter { Tag = "vip" })).Data);

        var schema = System.Text.Json.Nodes.JsonNode.Parse("""{"type": "object", "properties": {"order_id": {"type": "string"}}}""")!.AsObject();
        var tried = await client.Inboxes.TestExtractionSchemaAsync(inbox.Id, "Please refund order 1007.", schema);
        Assert.Equal((null, true), (tried.MessageId, tried.DryRun));
        Assert.Equal(message.MessageId, (await client.Inboxes.TestExtractionSchemaOnMessageAsync(inbox.Id, message.MessageId, schema)).MessageId);
        await client.Inboxes.SetExtractionSchemaAsync(inbox.Id, "order", schema);
        var extraction = await client.Messages.ExtractAsync(message.MessageId);
        Assert.Equal(("order", false, "1007"), (extraction.Info.SchemaName, extraction.DryRun, extraction.ExtractedData!.Value.GetProperty("order_id").GetString()));
        Assert.Equal("1007", extraction.Info.Fields.Single().Value.Quote);
        Assert.Equal(inbox.Id, (await client.Inboxes.StartBackfillAsync(inbox.Id)).InboxId);
        Assert.Equal(1, (await client.Inboxes.BackfillAsync(inbox.Id)).Total);

        var view = await client.Messages.AgentViewAsync(message.MessageId);
        Assert.Equal(("unverified", "Broken lamp", true), (view.Sender.Trust, view.Subject, view.Text.Contains(view.Fence, StringComparison.Ordinal)));
        Assert.Equal(message.MessageId, (await client.Threads.AgentViewAsync(thread.ThreadId).SingleAsync()).MessageId);
    }

    [Fact]
    public async Task What_an_inbox_takes_and_who_is_told_can_be_set()
    {
        using var client = NewClient();
        var inbox = await client.Inboxes.CreateAsync(ApiClient.NewLocalPart());
        Assert.Equal(0, (await client.Inboxes.UpdateAsync(inbox.Id, new InboxChange { Screening = new Screening(SpamQuarantine: 0) })).Screening!.SpamQuarantine);
        await ReceiveAsync("kim@example.com", inbox.Address, Letter.Plain("kim@example.com", inbox.Address, "s", "t"));
        var held = Assert.Single(await client.Messages.ListAsync(inbox.Id).ToListAsync());
        Assert.True(held.Metadata.Quarantined);
        Assert.False((await client.Messages.ReleaseAsync(held.MessageId)).Metadata.Quarantined);
        Assert.Null((await client.Inboxes.UpdateAsync(inbox.Id, new InboxChange { RemoveScreening = true })).Screening);

        await client.Inboxes.SetSenderListsAsync(inbox.Id, "allow_only", ["@example.com"]);
        var lists = await client.Inboxes.SetSenderListsAsync(inbox.Id, block: ["@spam.test"]);
        Assert.Equal(("allow_only", "@example.com", "@spam.test"), (lists.Mode, Assert.Single(lists.Allow), Assert.Single(lists.Block)));
        Assert.Equal("allow_only", (await client.Inboxes.SenderListsAsync(inbox.Id)).Mode);

        var made = await client.Webhooks.CreateAsync(new NewWebhook { Endpoint = "https://hook.invalid/x", Events = ["thread.*"], InboxIds = [inbox.Id], Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["X-Team"] = "a" } });
        Assert.StartsWith("whsec_", made.Secret, StringComparison.Ordinal);
        Assert.Equal((null, "X-Team", inbox.Id), ((await client.Webhooks.GetAsync(made.Id)).Secret, Assert.Single(made.HeaderNames), Assert.Single(made.InboxIds)));
        Assert.Contains(await client.Webhooks.ListAsync().ToListAsync(), one => one.Id == made.Id);
        var changed = await client.Webhooks.UpdateAsync(made.Id, new WebhookChange { InboxIds = [], Enabled = false });
        Assert.Equal((0, "thread.*", "disabled"), (changed.InboxIds.Count, Assert.Single(changed.Events), changed.Status));
        Assert.Equal("whsec_new", (await client.Webhooks.RotateSecretAsync(made.Id, "whsec_new")).Secret);
        Assert.False((await client.Webhooks.TestAsync(webhookId: made.Id)).Delivered);
        await client.Webhooks.DeleteAsync(made.Id);
        Assert.Equal(404, (await Assert.ThrowsAsync<CommuneException>(() => client.Webhooks.GetAsync(made.Id))).Status);

        var domain = await client.Domains.CreateAsync($"d{Guid.NewGuid():N}"[..14] + ".example");
        var rotated = await client.Domains.RotateDkimAsync(domain.Id, TimeSpan.FromHours(48));
        Assert.Contains(rotated.Records, static record => record is { Record: "DKIM", Role: not null });
    }

    /// <summary>Passes requests on and loses the first answers, as a connection that breaks in between does.</summary>
    private sealed class LosesAnswers(int losses) : DelegatingHandler(new SocketsHttpHandler())
    {
        public int Requests { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (++Requests > losses)
                return response;
            response.Dispose();
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "lost");
        }
    }
}

public sealed class SqliteClientTests(SqliteEngine engine) : ClientTests(engine);

public sealed class PostgresClientTests(PostgresEngine engine) : ClientTests(engine);
