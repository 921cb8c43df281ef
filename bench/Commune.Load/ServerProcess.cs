using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;

namespace Commune.Load;

/// <summary>An inbox made for the load.</summary>
internal sealed record LoadInbox(string Id, string Address);

/// <summary>The real program as a process of its own, on free ports and a data directory of its own.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly TaskCompletionSource<Uri> api = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<IPEndPoint> smtp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HttpClient? client;

    private ServerProcess(Process process, string key)
    {
        this.process = process;
        Key = key;
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Complain(line.Data);
    }

    public IPEndPoint Smtp { get; private set; } = new(IPAddress.Loopback, 0);

    /// <summary>The operator's.</summary>
    public string Key { get; }

    /// <summary>With the operator's key; as many connections as are asked for.</summary>
    public HttpClient Api => client ?? throw new InvalidOperationException("The server has not started");

    /// <summary>Starts it and waits until it says that it is ready.</summary>
    /// <exception cref="LoadException">It does not start.</exception>
    public static async Task<ServerProcess> StartAsync(LoadOptions options, ServerHome home, params (string Key, string Value)[] settings)
    {
        if (!File.Exists(options.Server))
            throw new LoadException($"{options.Server} is not there: build it with dotnet build -c Release src/Commune.Server, or name it with --server.");
        var start = new ProcessStartInfo("dotnet", [options.Server, "--urls", "http://127.0.0.1:0"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = home.Directory,
        };
        var key = "comm_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        start.Environment["Commune__DataDirectory"] = home.Directory;
        start.Environment["Commune__BootstrapApiKey"] = key;
        start.Environment["Commune__Smtp__Listen"] = "127.0.0.1:0";
        start.Environment["Commune__HostName"] = "mx.load.example";
        start.Environment["Commune__Database"] = options.Engine;
        if (home.Connection is { } connection)
            start.Environment["ConnectionStrings__Postgres"] = connection;
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        return await StartAsync(new Process { StartInfo = start, EnableRaisingEvents = true }, key);
    }

    private static async Task<ServerProcess> StartAsync(Process process, string key)
    {
        var server = new ServerProcess(process, key);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            server.Smtp = await server.smtp.Task.WaitAsync(Patience);
            server.client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 256 }) { BaseAddress = await server.api.Task.WaitAsync(Patience) };
            server.client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
            using var ready = await server.client.GetAsync("/health/ready");
            ready.EnsureSuccessStatusCode();
            return server;
        }
        catch (Exception error) when (error is TimeoutException or HttpRequestException or OperationCanceledException)
        {
            await server.DisposeAsync();
            throw new LoadException($"The server did not get ready: {error.Message}");
        }
    }

    public async Task<LoadInbox> CreateInboxAsync()
    {
        using var response = await Api.PostAsJsonAsync("/v1/inboxes", new { local_part = "load" });
        response.EnsureSuccessStatusCode();
        var data = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data");
        return new LoadInbox(data.GetProperty("id").GetString()!, data.GetProperty("address").GetString()!);
    }

    public TimeSpan ProcessorTime()
    {
        process.Refresh();
        return process.TotalProcessorTime;
    }

    /// <summary>A line of <c>/proc/[pid]/status</c> in bytes: <c>VmRSS</c>, <c>VmHWM</c>.</summary>
    public long Memory(string field)
    {
        foreach (var line in File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}/status")))
        {
            if (line.StartsWith(field + ":", StringComparison.Ordinal))
                return long.Parse(line.AsSpan(field.Length + 1).Trim().TrimEnd("kB "), CultureInfo.InvariantCulture) * 1024;
        }
        throw new LoadException($"The system does not tell {field} of a process.");
    }

    /// <summary>Asks it to stop, and waits.</summary>
    public async ValueTask DisposeAsync()
    {
        client?.Dispose();
        if (!process.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
            try
            {
                await process.WaitForExitAsync(CancellationToken.None).WaitAsync(Patience);
            }
            catch (TimeoutException)
            {
                process.Kill();
            }
        }
        process.Dispose();
    }

    private void Read(string? line)
    {
        var words = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words is ["API", { } url, ..] && Uri.TryCreate(url, UriKind.Absolute, out var address))
            api.TrySetResult(address);
        else if (words is ["SMTP", { } endPoint, ..] && IPEndPoint.TryParse(endPoint, out var listener))
            smtp.TrySetResult(listener);
        else if (line is not null && (line.Contains("fail:", StringComparison.Ordinal) || line.Contains("warn:", StringComparison.Ordinal)))
            Complain(line);
    }

    private static void Complain(string? line)
    {
        if (line is not null)
            Console.Error.WriteLine("  server: " + line);
    }
}
