using System.Text.RegularExpressions;
using Commune.Server.Api.Description;

namespace Commune.Server.Tests.Running;

/// <summary>Things of one organisation, each made when a call first names it: real ids take the places of those in the description's examples.</summary>
internal sealed partial class Belongings(SharedServer server, ApiClient client)
{
    private const string SignupToken = "agt_signup_000000000000000000000000000000000000000000000000";

    private readonly Dictionary<string, string> made = new(StringComparer.Ordinal);

    public ApiClient Client => client;

    /// <summary>With an organisation of its own, which may be renamed or lose its agent.</summary>
    public static async Task<Belongings> OfNewOrganisationAsync(SharedServer server)
    {
        var agent = await new AgentIdentity(server).JoinAsync();
        var key = (await agent.SendAsync(HttpMethod.Post, "/v1/agent/api-keys", "{\"name\": \"k\", \"permissions\": [\"admin\"]}")).Expect(201).Json;
        var own = new Belongings(server, server.WithKey((string)key["apiKey"]!));
        own.made[ExampleIds.Agent] = agent.AgentId;
        return own;
    }

    /// <summary>The text with everything in it made.</summary>
    public async Task<string> FillAsync(string text)
    {
        // A path of an inbox below a domain names the domain of that inbox.
        if (text.Contains(ExampleIds.Domain, StringComparison.Ordinal) && text.Contains(ExampleIds.Inbox, StringComparison.Ordinal))
            await InboxAsync();
        foreach (var example in ExampleText().Matches(text).Select(static match => match.Value).Distinct(StringComparer.Ordinal))
            text = text.Replace(example, await OfAsync(example), StringComparison.Ordinal);
        // What must be new in every call.
        return text.Replace("\"mycompany.com\"", $"\"d{Guid.NewGuid():N}.example\"", StringComparison.Ordinal)
            .Replace("\"support\"", $"\"{ApiClient.NewLocalPart()}\"", StringComparison.Ordinal)
            .Replace("parcel-17", Guid.NewGuid().ToString("N"), StringComparison.Ordinal)
            .Replace("\"myorg\"", $"\"{ApiClient.NewLocalPart()}\"", StringComparison.Ordinal);
    }

    /// <summary>The real thing for an example.</summary>
    public async Task<string> OfAsync(string example)
    {
        if (made.TryGetValue(example, out var known))
            return known;
        switch (example)
        {
            case ExampleIds.Domain:
                return made[example] = (string)(await client.PostAsync("/v1/domains", new { name = $"d{Guid.NewGuid():N}"[..16] + ".example" })).Expect(201).Data["id"]!;
            case ExampleIds.Inbox:
                return await InboxAsync();
            case ExampleIds.Message or ExampleIds.Thread or ExampleIds.Attachment or ExampleIds.Delivery:
                await ReceiveAsync();
                return made[example];
            case ExampleIds.Suppression:
                return made[example] = (string)(await client.PostAsync("/v1/delivery/suppressions", new { email = "gone@example.com", inbox_id = await InboxAsync() })).Expect(201).Data["id"]!;
            case ExampleIds.Webhook:
                return made[example] = (string)(await client.PostAsync("/v1/webhooks", new { endpoint = "https://hook.invalid/own", events = (string[])["webhook.dead"] })).Expect(201).Data["id"]!;
            case ExampleIds.Key:
                return made[example] = (string)(await client.PostAsync("/v1/agent/api-keys", new { name = "k", permissions = (string[])["read"] })).Expect(201).Data["id"]!;
            case ExampleIds.Request or ExampleIds.ConfirmationToken:
                var request = (await client.PostAsync("/v1/data/deletion-request", new { scope = "inbox", inbox_id = await InboxAsync() })).Expect(201).Json;
                made[ExampleIds.Request] = (string)request["id"]!;
                made[ExampleIds.ConfirmationToken] = (string)request["confirmation_token"]!;
                return made[example];
            case ExampleIds.Download:
                var url = (await client.GetAsync($"/v1/attachments/{await OfAsync(ExampleIds.Attachment)}/url")).Expect(200).Data["url"]!;
                return made[example] = ((string)url!).Split('/')[^1];
            case SignupToken:
                return await SignupAsync();
            default:
                return example;
        }
    }

    /// <summary>Something sent that waits for its time.</summary>
    public async Task<string> ScheduledAsync() => (string)(await client.PostAsync(
        "/v1/messages/send", new { to = "a@far.test", subject = "s", text = "t", inbox_id = await InboxAsync(), send_at = TimeProvider.System.GetUtcNow().AddDays(1).ToString("O") })).Expect(202).Data["id"]!;

    /// <summary>The suppression that a call by address removes.</summary>
    public async Task SuppressAsync() => await OfAsync(ExampleIds.Suppression);

    /// <summary>A message that was received and is held back.</summary>
    public async Task<string> HeldAsync()
    {
        var inbox = await InboxAsync();
        (await client.PatchAsync($"/v1/inboxes/{inbox}", new { screening = new { spam_quarantine = 0 } })).Expect(200);
        return await OfAsync(ExampleIds.Message);
    }

    /// <summary>Begins to read the older mail of the inbox by its schema.</summary>
    public async Task BackfillAsync() => (await client.PostAsync($"/v1/inboxes/{await InboxAsync()}/extraction-schema/backfill")).Expect(202);

    private async Task<string> InboxAsync()
    {
        if (made.TryGetValue(ExampleIds.Inbox, out var known))
            return known;
        // A name that no resolver knows: the call fails, and its delivery stays.
        var inbox = (await client.PostAsync("/v1/inboxes", new
        {
            local_part = ApiClient.NewLocalPart(),
            webhook = new { endpoint = "https://hook.invalid/x" },
            extraction_schema = new { name = "n", schema = new { type = "object", properties = new { order_id = new { type = "string" } } } },
        })).Expect(201).Data;
        made[ExampleIds.Domain] = (string)inbox["domain_id"]!;
        made["address"] = (string)inbox["address"]!;
        return made[ExampleIds.Inbox] = (string)inbox["id"]!;
    }

    private async Task ReceiveAsync()
    {
        var inbox = await InboxAsync();
        var address = made["address"];
        (await SmtpTalk.MailAsync(server.Program.Smtp, "kim@example.com", address,
            Letter.WithAttachment("kim@example.com", address, "private", "private text", "a.txt", "text/plain", "private file"u8.ToArray()))).Expect(250);
        var message = (await client.GetAsync($"/v1/messages?inbox_id={inbox}")).Expect(200).List[0];
        made[ExampleIds.Message] = (string)message["id"]!;
        made[ExampleIds.Thread] = (string)message["thread_id"]!;
        made[ExampleIds.Attachment] = JsonAssert.TextsOf(message["attachments"])[0];
        // What is held back is told to nobody.
        if ((await client.GetAsync($"/v1/webhooks/deliveries?inbox_id={inbox}")).Expect(200).List.FirstOrDefault() is { } delivery)
            made[ExampleIds.Delivery] = (string)delivery["id"]!;
    }

    private async Task<string> SignupAsync()
    {
        var agent = new AgentIdentity(server);
        var challenge = (await agent.RegisterAsync()).Expect(201).Json;
        made[Signature] = agent.Sign((string)challenge["challenge"]!);
        return made[SignupToken] = (string)challenge["agentSignupToken"]!;
    }

    private static readonly string Signature = new string('A', 86) + "==";

    [GeneratedRegex(@"(?:agt_signup|d|i|conv|msg|att|wdel|wh|key|sup|req|agt)_[A-Za-z0-9]{16,}|[0-9a-f]{64}|AAAAAGmv[A-Za-z0-9]{60,}|A{86}==")]
    private static partial Regex ExampleText();
}
