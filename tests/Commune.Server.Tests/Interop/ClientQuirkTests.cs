using System.Text.Json;
using System.Text.Json.Nodes;
using Commune.Server.Api.Description;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Interop;

/// <summary>Contract section 19: what the official clients do and read, each in its own way.</summary>
public abstract class ClientQuirkTests(Engine engine) : ServerTests(engine)
{
    private static readonly string[] Roles = ["sender", "to", "cc", "bcc", "mentioned", "participant"];

    /// <summary>The columns of the CLI's tables. That answers are as their schemas say is tested elsewhere.</summary>
    [Theory]
    [InlineData("Domain", "domain")]
    [InlineData("Inbox", "email name domainId createdAt")]
    [InlineData("Message", "id from subject date threadId")]
    [InlineData("Thread", "id status participantCount lastActivityAt")]
    [InlineData("DeliveryEvent", "type email messageId timestamp")]
    [InlineData("Suppression", "suppressedAt")]
    [InlineData("Delivery", "id httpStatus attemptCount createdAt")]
    [InlineData("Report", "id reporterOrg dateRangeBegin dateRangeEnd recordCount")]
    [InlineData("ApiKey", "id keyPrefix lastUsedAt createdAt")]
    public void The_columns_that_the_CLI_prints_are_always_there(string record, string columns)
    {
        var required = JsonAssert.TextsOf(ApiTable.Schemas[record]!["required"]);
        Assert.All(columns.Split(' '), column => Assert.Contains(column, required, StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("attachments.getUrl", "url expires_in")]
    [InlineData("messages.send", "id messageId message_id thread_id")]
    [InlineData("inboxes.create", "id address email")]
    [InlineData("domains.verify", "id status")]
    public void What_the_CLI_prints_of_one_thing_stands_at_the_top(string operation, string members)
    {
        var schema = SchemaCheck.Resolve(ApiTable.Operations.First(one => one.Id == operation).Success.Schema!, ApiTable.Schemas);
        var required = JsonAssert.TextsOf(schema["required"]);
        Assert.All(members.Split(' '), member => Assert.Contains(member, required, StringComparer.Ordinal));
    }

    [Fact]
    public void Every_list_is_under_data_with_its_paging_members()
    {
        foreach (var operation in ApiTable.Operations.Where(static operation => operation.QueryFields.Any(static field => (string)field["name"]! == "limit")))
        {
            var required = JsonAssert.TextsOf(SchemaCheck.Resolve(operation.Success.Schema!, ApiTable.Schemas)["required"]);
            Assert.All((string[])["data", "next_cursor", "has_more"], member => Assert.True(required.Contains(member, StringComparer.Ordinal), $"{operation} has no {member}"));
        }
    }

    [Fact]
    public async Task Posts_without_a_body_may_have_a_JSON_content_type()
    {
        var own = new Belongings(Server, Api);
        foreach (var path in (string[])[$"/v1/domains/{ExampleIds.Domain}/verify", $"/v1/webhooks/deliveries/{ExampleIds.Delivery}/retry", $"/v1/agent/api-keys/{ExampleIds.Key}/rotate"])
            (await Api.PostAsync(await own.FillAsync(path))).Expect(200);
        (await Api.PostAsync(await own.FillAsync($"/v1/data/deletion-request/{ExampleIds.Request}/confirm"))).ExpectError(400);
    }

    [Fact]
    public async Task The_Python_SDK_finds_what_its_models_insist_on()
    {
        var own = new Belongings(Server, Api);
        var inbox = await own.OfAsync(ExampleIds.Inbox);
        var threadId = await own.OfAsync(ExampleIds.Thread);
        await Api.PostAsync("/v1/messages/send", new { to = "kim@" + Server.NewRemoteDomain(), cc = "a@far.test", bcc = "b@far.test", reply_to = "c@far.test", text = "t", thread_id = threadId });
        foreach (var message in (await Api.GetAsync($"/v1/messages?inboxId={inbox}")).Expect(200).List)
        {
            Assert.Equal("email", (string)message["channel"]!);
            Assert.All(message["participants"]!.AsArray(), static one => Assert.Contains((string)one!["role"]!, Roles, StringComparer.Ordinal));
            Assert.Single(message["participants"]!.AsArray(), static one => (string)one!["role"]! == "sender");
            Assert.All(message["attachments"]!.AsArray(), static one => Assert.Equal(JsonValueKind.String, one!.GetValueKind()));
            Assert.True((string)message["direction"]! is "inbound" or "outbound");
            Assert.Equal(JsonValueKind.String, message["metadata"]!["created_at"]!.GetValueKind());
            Assert.Equal(JsonValueKind.String, message["content"]!.GetValueKind());
            Assert.True(message["extracted_data"] is null or JsonObject);
            Assert.True(message["metadata"]!["prompt_injection_signals"] is null || message["metadata"]!["prompt_injection_signals"]!.GetValueKind() == JsonValueKind.String);
        }
        var thread = (await Api.GetAsync($"/v1/threads?inbox_id={inbox}")).Expect(200).List[0];
        Assert.Equal(JsonValueKind.String, thread["last_message_at"]!.GetValueKind());
        Assert.True((string)thread["last_direction"]! is "inbound" or "outbound");
        var file = (await Api.GetAsync(await own.FillAsync($"/v1/attachments/{ExampleIds.Attachment}"))).Data;
        Assert.All((string[])["filename", "mime_type", "size"], name => Assert.NotNull(file[name]));
        Assert.NotNull((await Api.GetAsync(await own.FillAsync($"/v1/attachments/{ExampleIds.Attachment}/url"))).Data["filename"]);
        var metrics = (await Api.GetAsync($"/v1/delivery/metrics?inboxId={inbox}")).Data;
        Assert.All(metrics.Where(static one => one.Key.EndsWith("_rate", StringComparison.Ordinal)), static one => Assert.Equal(JsonValueKind.Number, one.Value!.GetValueKind()));
        Assert.Equal(JsonValueKind.String, metrics["period"]!.GetValueKind());
        foreach (var record in (await Api.GetAsync($"/v1/domains/{Server.OwnDomainId}/records")).List)
            Assert.True(record["priority"] is null || record["priority"]!.GetValueKind() == JsonValueKind.Number);
    }

    [Fact]
    public async Task The_Python_SDK_makes_an_inbox_at_a_domain_by_the_body_and_sets_its_webhook_by_PUT()
    {
        var made = (await Api.PostAsync("/v1/inboxes", new { local_part = ApiClient.NewLocalPart(), domain_id = Server.OwnDomainId })).Expect(201).Data;
        Assert.Equal(Server.OwnDomainId, (string)made["domain_id"]!);
        var webhook = (await Api.PutAsync($"/v1/domains/{Server.OwnDomainId}/inboxes/{made["id"]}", new { webhook = new { endpoint = "https://hook.invalid/x", events = (string[])["inbound"] } })).Expect(200).Data["webhook"]!;
        Assert.StartsWith("whsec_", (string)webhook["secret"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_TypeScript_SDK_names_members_in_camelCase_sets_its_webhook_by_POST_and_sends_a_body_with_DELETE()
    {
        var made = (await Api.PostAsync($"/v1/domains/{Server.OwnDomainId}/inboxes", new { localPart = ApiClient.NewLocalPart() })).Expect(201).Data;
        Assert.NotNull((await Api.PostAsync($"/v1/domains/{Server.OwnDomainId}/inboxes/{made["id"]}/webhook", new { endpoint = "https://hook.invalid/x" })).Expect(200).Data["webhook"]);
        Assert.Equal("text/csv", (string)(await Api.PostAsync("/v1/attachments/upload", new { content = "AA==", filename = "a.bin", mimeType = "text/csv" })).Expect(201).Data["mime_type"]!);
        var thread = await new Belongings(Server, Api).OfAsync(ExampleIds.Thread);
        (await Api.PostAsync($"/v1/threads/{thread}/tags", new { tags = (string[])["a", "b"] })).Expect(200);
        Assert.Equal("b", Assert.Single(JsonAssert.TextsOf((await Api.DeleteAsync($"/v1/threads/{thread}/tags", new { tags = (string[])["a"] })).Expect(200).Data["tags"])));
    }

    [Fact]
    public async Task The_skill_script_tags_with_one_string_and_sets_the_status_by_PATCH()
    {
        var thread = await new Belongings(Server, Api).OfAsync(ExampleIds.Thread);
        JsonAssert.Texts(["vip", "late"], (await Api.PostAsync($"/v1/threads/{thread}/tags", new { tags = "vip, late" })).Expect(200).Data["tags"]);
        Assert.Equal("waiting", (string)(await Api.PatchAsync($"/v1/threads/{thread}/status", new { status = "waiting" })).Expect(200).Data["status"]!);
    }

    [Fact]
    public async Task The_CLI_checks_an_address_before_it_sends()
    {
        Assert.Empty((await Api.GetAsync($"/v1/delivery/suppressions?email=nobody{Guid.NewGuid():N}@far.test")).Expect(200).List);
        var gone = $"Gone{Guid.NewGuid():N}@far.test";
        (await Api.PostAsync("/v1/delivery/suppressions", new { email = gone, inbox_id = (await Api.NewInboxAsync()).Id })).Expect(201);
        Assert.Single((await Api.GetAsync($"/v1/delivery/suppressions?email={gone.ToUpperInvariant()}")).Expect(200).List);
    }

    [Fact]
    public async Task The_CLI_reads_the_organisation_at_the_top_and_gets_a_plain_404_for_credits()
    {
        var organisation = (await Api.GetAsync("/v1/agent/org")).Expect(200).Json;
        Assert.All((string[])["id", "name", "slug", "tier", "status", "createdAt"], name => Assert.NotNull(organisation[name]));
        (await Api.GetAsync("/v1/credits")).ExpectError(404);
    }
}

public sealed class SqliteClientQuirkTests(SqliteEngine engine) : ClientQuirkTests(engine);

public sealed class PostgresClientQuirkTests(PostgresEngine engine) : ClientQuirkTests(engine);
