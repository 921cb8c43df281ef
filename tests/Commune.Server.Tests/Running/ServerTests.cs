namespace Commune.Server.Tests.Running;

/// <summary>Tests that share the running program of an engine, each with inboxes and addresses of its own.</summary>
public abstract class ServerTests(Engine engine) : IAsyncLifetime
{
    protected Engine Engine => engine;

    protected SharedServer Server { get; private set; } = null!;

    protected ApiClient Api => Server.Api;

    public async ValueTask InitializeAsync() => Server = await engine.SharedAsync();

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Brings mail in over SMTP; it must be accepted.</summary>
    protected async Task ReceiveAsync(string from, string to, byte[] message) =>
        (await SmtpTalk.MailAsync(Server.Program.Smtp, from, to, message)).Expect(250);

    /// <summary>Sends from the inbox by the API; it must be accepted.</summary>
    protected async Task<ApiAnswer> SendAsync(InboxHandle inbox, string to, string subject, string text) =>
        (await Api.PostAsync("/v1/messages/send", new { to, subject, text, inbox_id = inbox.Id })).Expect(202);
}
