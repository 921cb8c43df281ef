using System.Diagnostics;

namespace Commune.Server.Tests.Running;

/// <summary>Runs what a person would type.</summary>
public static class Shell
{
    /// <returns>The exit code, and what was written to both outputs.</returns>
    public static async Task<(int Code, string Output)> RunAsync(string script, IReadOnlyList<(string Name, string Value)> variables)
    {
        var start = new ProcessStartInfo("bash", ["-c", script]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + errors);
    }

    /// <summary>Runs a command line that must end with success.</summary>
    /// <returns>What it wrote to both outputs.</returns>
    public static async Task<string> SucceedAsync(string script, params (string Name, string Value)[] variables)
    {
        var (code, output) = await RunAsync(script.ReplaceLineEndings("\n"), variables);
        Assert.True(code == 0, $"{script}\nended with {code}: {output}");
        return output;
    }
}
