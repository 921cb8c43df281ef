using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Commune.Load;

/// <summary>Latencies of the API with a full inbox, at one caller, at some and at many.</summary>
internal static class ApiLoad
{
    private static readonly int[] Callers = [1, 16, 64];

    public static async Task<int> RunAsync(LoadOptions options)
    {
        await using var home = await ServerHome.MakeAsync(options);
        using var sink = new MailSink();
        await using var server = await ServerProcess.StartAsync(options, home, ("Commune__Outbound__Relay", $"smtp://{sink.EndPoint}"));
        var inbox = await server.CreateInboxAsync();
        var messages = options.Messages ?? 100_000;
        var filled = await new SmtpLoad(server.Smtp, inbox.Address, messages, Math.Min(options.WarmUp, messages / 2), options.Size, server.ProcessorTime)
            .RunAsync(options.Sessions);
        Console.WriteLine($"{options.Engine}, {Environment.ProcessorCount} cores, {filled.Accepted} messages of {options.Size} bytes in the inbox");

        var threads = $"/v1/threads?inbox_id={inbox.Id}&limit=20";
        var list = $"/v1/messages?inbox_id={inbox.Id}&limit=20";
        var deep = await CursorsAsync(server, threads);
        Console.WriteLine($"  {"",-28}{"callers",8}{"per second",12}{"p50",10}{"p95",10}{"p99",10}");
        await ReportAsync(options, "threads, first page", caller => server.Api.GetAsync(threads));
        await ReportAsync(options, "threads, deep pages", caller => server.Api.GetAsync($"{threads}&cursor={deep[Random.Shared.Next(deep.Count)]}"));
        await ReportAsync(options, "messages, first page", caller => server.Api.GetAsync(list));
        var body = JsonSerializer.SerializeToUtf8Bytes(new
        {
            to = "somebody@sink.example",
            inbox_id = inbox.Id,
            subject = "Your order has left our house",
            text = "Good morning,\n\nyour order has left our house and will be with you tomorrow.\n\nBest regards\n",
        });
        var sent = await ReportAsync(options, "send", caller => SendAsync(server.Api, body));
        Console.WriteLine($"  {sent} sends got a 202; {sink.Received} had left when the last was answered");
        return 0;
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient api, byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return api.PostAsync("/v1/messages/send", content);
    }

    /// <summary>Cursors from all over the list.</summary>
    private static async Task<IReadOnlyList<string>> CursorsAsync(ServerProcess server, string threads)
    {
        var cursors = new List<string>();
        string? cursor = null;
        do
        {
            var page = await server.Api.GetFromJsonAsync<JsonElement>($"{threads.Replace("limit=20", "limit=100", StringComparison.Ordinal)}&cursor={cursor}");
            cursor = page.GetProperty("next_cursor").GetString();
            if (cursor is not null)
                cursors.Add(cursor);
        }
        while (cursor is not null);
        return cursors;
    }

    private static async Task<int> ReportAsync(LoadOptions options, string name, Func<int, Task<HttpResponseMessage>> call)
    {
        var warmUp = await Latencies.MeasureAsync(16, TimeSpan.FromSeconds(2), call);
        var calls = warmUp.Count;
        foreach (var callers in Callers)
        {
            var latencies = await Latencies.MeasureAsync(callers, options.Duration, call);
            calls += latencies.Count;
            Console.WriteLine($"  {name,-28}{callers,8}{latencies.PerSecond,12:0}{latencies.Text(0.5),10}{latencies.Text(0.95),10}{latencies.Text(0.99),10}");
        }
        return calls;
    }
}
