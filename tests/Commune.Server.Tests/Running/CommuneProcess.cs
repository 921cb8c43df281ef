using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Commune.Server.Tests.Running;

/// <summary>How a child process is started: its data directory and what the environment says.</summary>
/// <param name="Environment">Settings as environment variables, such as <c>Commune__SharedDomain</c>.</param>
public sealed record ProgramSettings(string DataDirectory, IReadOnlyDictionary<string, string> Environment)
{
    public ProgramSettings With(string name, string value) =>
        this with { Environment = new Dictionary<string, string>(Environment, StringComparer.Ordinal) { [name] = value } };
}

/// <summary>What a start that ended by itself left behind.</summary>
public sealed record ProgramExit(int Code, string Output, string Errors);

/// <summary>The real program as a child process: its bound ports are read from the banner that it prints.</summary>
public sealed partial class CommuneProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(90);
    private readonly Process process;
    private readonly ConcurrentQueue<string> output = new();
    private readonly ConcurrentQueue<string> errors = new();
    private readonly TaskCompletionSource bannerRead = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private CommuneProcess(Process process) => this.process = process;

    public Uri Http { get; private set; } = null!;

    public IPEndPoint Smtp { get; private set; } = null!;

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    public string Output => string.Join('\n', output);

    public string Errors => string.Join('\n', errors);

    /// <summary>Starts the program on free ports and returns when it listens.</summary>
    public static async Task<CommuneProcess> StartAsync(ProgramSettings settings)
    {
        var program = Launch(settings, ["--urls", "http://127.0.0.1:0"]);
        try
        {
            var first = await Task.WhenAny(program.bannerRead.Task, program.process.WaitForExitAsync()).WaitAsync(StartLimit);
            if (first != program.bannerRead.Task)
                throw new InvalidOperationException($"The program ended with {program.process.ExitCode} before it listened.\n{program.Output}\n{program.Errors}");
            return program;
        }
        catch
        {
            await program.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the program with these arguments, expects it to end by itself, and tells how it ended.</summary>
    public static async Task<ProgramExit> RunToExitAsync(ProgramSettings settings, params string[] arguments)
    {
        await using var program = Launch(settings, arguments.Length > 0 ? arguments : ["--urls", "http://127.0.0.1:0"]);
        var ended = program.process.WaitForExitAsync();
        if (await Task.WhenAny(ended, program.bannerRead.Task).WaitAsync(StartLimit) != ended)
            return new ProgramExit(-1, program.Output, "The program started and runs.");
        return new ProgramExit(program.process.ExitCode, program.Output, program.Errors);
    }

    /// <summary>SIGKILL: the program gets no chance to finish anything.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, without waiting for the end.</summary>
    public void Terminate()
    {
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>SIGTERM, and the exit code.</summary>
    public async Task<int> StopAsync()
    {
        Terminate();
        return await ExitAsync();
    }

    public async Task<int> ExitAsync()
    {
        await process.WaitForExitAsync().WaitAsync(StartLimit);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            await KillAsync();
        process.Dispose();
    }

    private static CommuneProcess Launch(ProgramSettings settings, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "commune.dll"), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var name in start.Environment.Keys.Where(static n => n.StartsWith("Commune__", StringComparison.OrdinalIgnoreCase) || n.StartsWith("ASPNETCORE_", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        start.Environment["Commune__DataDirectory"] = settings.DataDirectory;
        start.Environment["Commune__Smtp__Listen"] = "127.0.0.1:0";
        foreach (var (name, value) in settings.Environment)
            start.Environment[name] = value;

        var child = new Process { StartInfo = start };
        var program = new CommuneProcess(child);
        child.OutputDataReceived += (_, line) => program.Read(line.Data);
        child.ErrorDataReceived += (_, line) => { if (line.Data is { } text) program.errors.Enqueue(text); };
        child.Start();
        child.BeginOutputReadLine();
        child.BeginErrorReadLine();
        return program;
    }

    private void Read(string? line)
    {
        if (line is null)
            return;
        output.Enqueue(line);
        if (ApiLine().Match(line) is { Success: true } api)
            Http = new Uri(api.Groups[1].Value);
        else if (SmtpLine().Match(line) is { Success: true } smtp)
            Smtp = IPEndPoint.Parse(smtp.Groups[1].Value);
        else if (line.StartsWith("  API key  ", StringComparison.Ordinal))
            bannerRead.TrySetResult();
    }

    [GeneratedRegex(@"^  API      (http://\S+)$")]
    private static partial Regex ApiLine();

    [GeneratedRegex(@"^  SMTP     (\S+)")]
    private static partial Regex SmtpLine();
}
