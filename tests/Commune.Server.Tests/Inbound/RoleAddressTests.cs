using Commune.Server.Hosting;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Inbound;

/// <summary>Postmaster (RFC 5321 §4.5.1) and abuse (RFC 2142 §4) are answered at every domain that is received here.</summary>
public abstract class RoleAddressTests(Engine engine) : IAsyncLifetime
{
    private const string SharedDomain = "commune.test";
    private const string CustomDomain = "tenant.example";
    private readonly string operatorKey = ApiKeySecret.New();
    private CommuneProcess program = null!;
    private ApiClient operators = null!;
    private ApiClient tenant = null!;

    public async ValueTask InitializeAsync()
    {
        var settings = (await engine.NewSettingsAsync()).With("Commune__SharedDomain", SharedDomain).With("Commune__BootstrapApiKey", operatorKey);
        string tenantKey;
        await using (var store = engine.OpenStore(settings))
        {
            var options = new CommuneOptions { BootstrapApiKey = operatorKey, SharedDomain = SharedDomain, DataDirectory = settings.DataDirectory };
            await FirstStart.RunAsync(store, options, TimeProvider.System, CancellationToken.None);
            var organisation = await Tenant.CreateAsync(store, "tenant", "pro");
            tenantKey = organisation.AdminKey;
            await SharedServer.AddVerifiedDomainAsync(store, organisation.OrgId, CustomDomain);
        }
        program = await CommuneProcess.StartAsync(settings);
        (operators, tenant) = (new ApiClient(program.Http, operatorKey), new ApiClient(program.Http, tenantKey));
    }

    public async ValueTask DisposeAsync()
    {
        await program.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData("postmaster@" + SharedDomain)]
    [InlineData("PostMaster@" + SharedDomain)]
    [InlineData("Postmaster")]
    [InlineData("postmaster")]
    [InlineData("\"postmaster\"@" + SharedDomain)]
    [InlineData("abuse@" + SharedDomain)]
    public async Task At_the_shared_domain_they_reach_the_operators_oldest_inbox(string address)
    {
        await tenant.NewInboxAsync();
        var oldest = await operators.NewInboxAsync();
        await operators.NewInboxAsync();
        await SendToAsync(address, "a question");
        Assert.Equal("a question", (string)(await operators.OnlyMessageAsync(oldest))["metadata"]!["subject"]!);
    }

    [Theory]
    [InlineData("postmaster")]
    [InlineData("ABUSE")]
    public async Task At_a_domain_of_their_own_they_reach_that_organisation(string role)
    {
        var foreign = await operators.NewInboxAsync();
        var oldest = await tenant.NewInboxAsync();
        await tenant.NewInboxAsync();
        await SendToAsync($"{role}@{CustomDomain}", "a question");
        Assert.Equal("a question", (string)(await tenant.OnlyMessageAsync(oldest))["metadata"]!["subject"]!);
        Assert.Empty(await operators.MessagesAsync(foreign));
    }

    [Fact]
    public async Task An_inbox_of_that_name_gets_its_own_mail_and_an_inactive_one_gets_none()
    {
        var oldest = await operators.NewInboxAsync();
        var own = await operators.NewInboxAsync("postmaster");
        await SendToAsync("Postmaster", "first");
        await operators.OnlyMessageAsync(own);
        Assert.Empty(await operators.MessagesAsync(oldest));

        (await operators.PatchAsync($"/v1/inboxes/{own.Id}", new { status = "inactive" })).Expect(200);
        await SendToAsync("Postmaster", "second");
        Assert.Equal("second", (string)(await operators.OnlyMessageAsync(oldest))["metadata"]!["subject"]!);

        var youngest = await operators.NewInboxAsync();
        (await operators.PatchAsync($"/v1/inboxes/{oldest.Id}", new { status = "inactive" })).Expect(200);
        await SendToAsync("Postmaster", "third");
        Assert.Equal("third", (string)(await operators.OnlyMessageAsync(youngest))["metadata"]!["subject"]!);
    }

    [Fact]
    public async Task Mail_that_names_the_role_and_the_inbox_behind_it_comes_once()
    {
        var inbox = await operators.NewInboxAsync();
        (await SmtpTalk.MailAsync(program.Smtp, "kim@example.com", ["postmaster", inbox.Address], Letter.Plain("kim@example.com", inbox.Address, "s", "t"))).Expect(250);
        await operators.OnlyMessageAsync(inbox);
    }

    [Fact]
    public async Task An_agent_reaches_them_without_a_network()
    {
        var oldest = await tenant.NewInboxAsync();
        var agent = await operators.NewInboxAsync();
        var sent = await operators.PostAsync("/v1/messages/send", new { to = "postmaster@" + CustomDomain, subject = "s", text = "t", inbox_id = agent.Id });
        await operators.WaitForStatusAsync((string)sent.Expect(202).Data["message_id"]!, "delivered");
        await tenant.OnlyMessageAsync(oldest);
    }

    [Fact]
    public async Task Without_any_inbox_they_are_refused_with_what_to_do()
    {
        await tenant.NewInboxAsync();
        await using var talk = await SmtpTalk.GreetAsync(program.Smtp);
        (await talk.CommandAsync("MAIL FROM:<kim@example.com>")).Expect(250);
        foreach (var address in (string[])["postmaster", "Postmaster@" + SharedDomain, "abuse@" + SharedDomain])
        {
            var reply = (await talk.CommandAsync($"RCPT TO:<{address}>")).Expect(550);
            Assert.Contains("5.1.1", reply.Text, StringComparison.Ordinal);
            Assert.Contains("no active inbox, create one", reply.Text, StringComparison.Ordinal);
        }
        Assert.Contains("5.1.1 No such mailbox", (await talk.CommandAsync($"RCPT TO:<nobody@{SharedDomain}>")).Expect(550).Text, StringComparison.Ordinal);
        Assert.Contains("5.7.1 Relaying denied", (await talk.CommandAsync("RCPT TO:<postmaster@elsewhere.example>")).Expect(550).Text, StringComparison.Ordinal);
    }

    private async Task SendToAsync(string address, string subject) =>
        (await SmtpTalk.MailAsync(program.Smtp, "kim@example.com", address, Letter.Plain("kim@example.com", address, subject, "t"))).Expect(250);
}

public sealed class SqliteRoleAddressTests(SqliteEngine engine) : RoleAddressTests(engine);

public sealed class PostgresRoleAddressTests(PostgresEngine engine) : RoleAddressTests(engine);
