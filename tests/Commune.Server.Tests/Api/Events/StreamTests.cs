using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Commune.Server.Hosting;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Api.Events;

/// <summary>The log as it is streamed, by server-sent events and over a socket.</summary>
public abstract class StreamTests(Engine engine) : ServerTests(engine)
{
    private Uri Address => Server.Program.Http;

    [Fact]
    public async Task A_mail_is_streamed_as_it_comes_and_nobody_elses()
    {
        var (inbox, other) = (await Api.NewInboxAsync(), await Api.NewInboxAsync());
        await using var stream = await EventStreamReader.OpenAsync(Address, Server.AdminKey, $"?inbox_id={inbox.Id}");
        await MailAsync(other, "not this");
        await MailAsync(inbox, "one");
        await MailAsync(inbox, "two");
        var events = await stream.TakeAsync(2);
        Assert.Equal(["one", "two"], Subjects(events), StringComparer.Ordinal);
        Assert.All(events, e => Assert.Equal(("message.received", e.Id), (e.Name, (string)e.Data!["id"]!)));
    }

    [Fact]
    public async Task A_cut_stream_goes_on_behind_the_last_id_and_misses_nothing()
    {
        var inbox = await Api.NewInboxAsync();
        string? lastId;
        await using (var stream = await EventStreamReader.OpenAsync(Address, Server.AdminKey, $"?inbox_id={inbox.Id}"))
        {
            await MailAsync(inbox, "0");
            Assert.Equal(["0"], Subjects(await stream.TakeAsync(1)), StringComparer.Ordinal);
            lastId = stream.LastId;
        }
        for (var i = 1; i <= 3; i++)
            await MailAsync(inbox, $"{i}");
        await using var again = await EventStreamReader.OpenAsync(Address, Server.AdminKey, $"?inbox_id={inbox.Id}&after=latest", lastId);
        Assert.Equal(["1", "2", "3"], Subjects(await again.TakeAsync(3)), StringComparer.Ordinal);
        await MailAsync(inbox, "4");
        Assert.Equal(["4"], Subjects(await again.TakeAsync(1)), StringComparer.Ordinal);

        await using var byQuery = await EventStreamReader.OpenAsync(Address, Server.AdminKey, $"?inbox_id={inbox.Id}&last_event_id={lastId}");
        Assert.Equal(["1", "2", "3", "4"], Subjects(await byQuery.TakeAsync(4)), StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_stream_that_was_cut_before_its_first_event_resumes_too()
    {
        var inbox = await Api.NewInboxAsync();
        var stream = await EventStreamReader.OpenAsync(Address, Server.AdminKey, $"?inbox_id={inbox.Id}");
        await stream.DisposeAsync();
        Assert.NotNull(stream.LastId);
        await MailAsync(inbox, "meanwhile");
        await using var again = await EventStreamReader.OpenAsync(Address, Server.AdminKey, $"?inbox_id={inbox.Id}", stream.LastId);
        Assert.Equal(["meanwhile"], Subjects(await again.TakeAsync(1)), StringComparer.Ordinal);
    }

    [Fact]
    public async Task Who_asks_by_the_hosted_names_hears_the_hosted_names()
    {
        var inbox = await Api.NewInboxAsync();
        await using var stream = await EventStreamReader.OpenAsync(Address, Server.AdminKey, $"?inbox_id={inbox.Id}&events=email.received,email.sent");
        await MailAsync(inbox, "in");
        await SendAsync(inbox, inbox.Address, "out", "t");
        var events = await stream.TakeAsync(3);
        Assert.Equal(["email.received", "email.sent", "email.received"], events.Select(e => e.Name), StringComparer.Ordinal);
        Assert.Equal(["message.received", "message.queued", "message.received"], events.Select(e => (string)e.Data!["type"]!), StringComparer.Ordinal);
    }

    [Fact]
    public async Task Two_hundred_streams_hear_of_the_same_mail()
    {
        var inbox = await Api.NewInboxAsync();
        var streams = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => EventStreamReader.OpenAsync(Address, Server.AdminKey, $"?inbox_id={inbox.Id}")));
        await MailAsync(inbox, "to all");
        var heard = await Task.WhenAll(streams.Select(stream => stream.TakeAsync(1)));
        Assert.Single(heard.Select(events => events[0].Id).Distinct(StringComparer.Ordinal));
        foreach (var stream in streams)
            await stream.DisposeAsync();
    }

    [Fact]
    public async Task A_socket_speaks_the_same_and_resumes()
    {
        var inbox = await Api.NewInboxAsync();
        string id;
        using (var socket = await OpenSocketAsync($"?inbox_id={inbox.Id}"))
        {
            Assert.Equal("stream.opened", (string)(await MessageAsync(socket))["type"]!);
            await MailAsync(inbox, "one");
            var told = await MessageAsync(socket);
            Assert.Equal(("message.received", "one"), ((string)told["type"]!, (string)told["data"]!["subject"]!));
            id = (string)told["id"]!;
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
            Assert.Equal(WebSocketState.Closed, socket.State);
        }
        await MailAsync(inbox, "two");
        using var again = await OpenSocketAsync($"?inbox_id={inbox.Id}&after={id}");
        Assert.Equal(id, (string)(await MessageAsync(again))["id"]!);
        Assert.Equal("two", (string)(await MessageAsync(again))["data"]!["subject"]!);
    }

    [Fact]
    public async Task After_a_kill_the_stream_resumes_and_misses_nothing()
    {
        var settings = (await Engine.NewSettingsAsync()).With("Commune__BootstrapApiKey", ApiKeySecret.New());
        var key = settings.Environment["Commune__BootstrapApiKey"];
        string? lastId = null;
        InboxHandle? inbox = null;
        var accepted = new List<string>();
        var heard = new List<string>();
        for (var round = 0; round < 3; round++)
        {
            await using var program = await CommuneProcess.StartAsync(settings);
            inbox ??= await new ApiClient(program.Http, key).NewInboxAsync();
            await using var stream = await EventStreamReader.OpenAsync(program.Http, key, $"?inbox_id={inbox.Id}&types=message.received", lastId);
            for (var i = 0; i < 5; i++)
            {
                var subject = $"{round}.{i}";
                (await SmtpTalk.MailAsync(program.Smtp, "kim@example.com", inbox.Address, Letter.Plain("kim@example.com", inbox.Address, subject, "t"))).Expect(250);
                accepted.Add(subject);
            }
            // Some are heard, the others only after the next start.
            heard.AddRange(Subjects(await stream.TakeAsync(round)));
            lastId = stream.LastId;
            await program.KillAsync();
        }
        await using var last = await CommuneProcess.StartAsync(settings);
        await using var rest = await EventStreamReader.OpenAsync(last.Http, key, $"?inbox_id={inbox!.Id}&types=message.received", lastId);
        heard.AddRange(Subjects(await rest.TakeAsync(accepted.Count - heard.Count)));
        Assert.Equal(accepted, heard);
        Assert.Equal(0, await last.StopAsync().WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Null(await rest.NextAsync());
    }

    private Task MailAsync(InboxHandle inbox, string subject) =>
        ReceiveAsync("kim@example.com", inbox.Address, Letter.Plain("kim@example.com", inbox.Address, subject, "t"));

    private static IEnumerable<string> Subjects(IEnumerable<ServerSentEvent> events) => events.Select(e => (string)e.Data!["data"]!["subject"]!);

    private async Task<ClientWebSocket> OpenSocketAsync(string query)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", "Bearer " + Server.AdminKey);
        await socket.ConnectAsync(new UriBuilder(new Uri(Address, "/v1/events/socket" + query)) { Scheme = "ws" }.Uri, CancellationToken.None);
        return socket;
    }

    private static async Task<JsonObject> MessageAsync(ClientWebSocket socket)
    {
        var buffer = new byte[64 * 1024];
        var received = await socket.ReceiveAsync(buffer, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal((WebSocketMessageType.Text, true), (received.MessageType, received.EndOfMessage));
        return JsonNode.Parse(Encoding.UTF8.GetString(buffer, 0, received.Count))!.AsObject();
    }
}

public sealed class SqliteStreamTests(SqliteEngine engine) : StreamTests(engine);

public sealed class PostgresStreamTests(PostgresEngine engine) : StreamTests(engine);
