using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Interop;

/// <summary>Programs of Debian that others wrote and ours has to get on with.</summary>
internal static class DebianProgram
{
    // A user's PATH has no sbin.
    private static readonly string[] Folders = ["/usr/bin", "/usr/sbin", "/bin", "/sbin"];

    /// <summary>Skips the calling test, with the reason, where a program is missing.</summary>
    /// <returns>Its path.</returns>
    public static string Require(string name, string package)
    {
        if (Array.Find(Folders, folder => File.Exists(Path.Combine(folder, name))) is { } found)
            return Path.Combine(found, name);
        SkipOrFail($"{name} is not installed (apt-get install {package})");
        throw new InvalidOperationException("A skipped test goes on.");
    }

    /// <summary>test.sh installs what is missing, so that there nothing is skipped.</summary>
    public static void SkipOrFail(string reason)
    {
        if (Environment.GetEnvironmentVariable("COMMUNE_TESTS_NO_SKIP") == "1")
            Assert.Fail(reason);
        Assert.Skip(reason);
    }

    /// <summary>Runs a command line of the shell; it must end with success.</summary>
    /// <returns>What it wrote to both outputs.</returns>
    public static async Task<string> RunAsync(string script, params (string Name, string Value)[] variables)
    {
        var (code, output) = await Shell.RunAsync(script.ReplaceLineEndings("\n"), variables);
        Assert.True(code == 0, $"{script}\nended with {code}: {output}");
        return output;
    }
}
