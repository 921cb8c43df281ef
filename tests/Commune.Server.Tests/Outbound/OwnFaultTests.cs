using Commune.Peers;
using Commune.Server.Hosting;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Outbound;

/// <summary>An attempt that fails on this server is recorded like one that fails at the far side.</summary>
public abstract class OwnFaultTests(Engine engine)
{
    [Fact]
    public async Task A_message_that_cannot_be_read_any_more_is_tried_again_and_given_up_in_the_end()
    {
        await using var mx = new FakeMx();
        await using var dns = new FakeDns();
        dns.A("far.test", "127.0.0.1");
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource();
        mx.On("RCPT", _ =>
        {
            seen.TrySetResult();
            return FakeMxAction.Reply("451 4.7.1 Later").After(release.Task);
        });
        var key = ApiKeySecret.New();
        var settings = (await engine.NewSettingsAsync()).With("Commune__BootstrapApiKey", key)
            .With("Commune__Dns__Servers", dns.Address).With("Commune__Outbound__MxPort", mx.Port.ToString())
            .With("Commune__Outbound__RetrySchedule", "1s").With("Commune__Outbound__GiveUpAfter", "00:00:03");
        await using var program = await CommuneProcess.StartAsync(settings);
        var api = new ApiClient(program.Http, key);
        var inbox = await api.NewInboxAsync();

        // Large enough to stand in the blob store, whose disk "fails" while the message waits.
        var sent = await api.PostAsync("/v1/messages/send", new { to = "user@far.test", subject = "s", text = new string('x', 400_000), inbox_id = inbox.Id });
        var id = (string)sent.Expect(202).Data["message_id"]!;
        await seen.Task.WaitAsync(TimeSpan.FromSeconds(60));
        var blob = Assert.Single(Directory.GetFiles(Path.Combine(settings.DataDirectory, "blobs"), "*", SearchOption.AllDirectories));
        File.Delete(blob);
        release.SetResult();

        var message = await api.WaitForStatusAsync(id, "failed");
        Assert.Contains("4.3.0 The attempt failed on this server", message.ToJsonString(), StringComparison.Ordinal);
        Assert.Single(mx.Commands, static c => c.Verb == "RCPT");
        Assert.DoesNotContain("Blob", message.ToJsonString(), StringComparison.Ordinal);
    }
}

public sealed class SqliteOwnFaultTests(SqliteEngine engine) : OwnFaultTests(engine);

public sealed class PostgresOwnFaultTests(PostgresEngine engine) : OwnFaultTests(engine);
