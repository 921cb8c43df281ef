namespace Commune.Tests;

/// <summary>What tests need of the machine they run on.</summary>
internal static class Machine
{
    private static readonly string[] Folders = ["/usr/bin", "/usr/sbin", "/bin", "/sbin"];

    /// <summary>What test.sh can install is missing: there that is a failure, else the calling test is skipped.</summary>
    public static void SkipOrFail(string reason)
    {
        if (string.Equals(Environment.GetEnvironmentVariable("COMMUNE_TESTS_NO_SKIP"), "1", StringComparison.Ordinal))
            Assert.Fail(reason);
        Assert.Skip(reason);
    }

    /// <summary>The path of a program of Debian; a user's PATH has no sbin.</summary>
    public static string Program(string name, string package)
    {
        if (Array.Find(Folders, folder => File.Exists(Path.Combine(folder, name))) is { } found)
            return Path.Combine(found, name);
        SkipOrFail($"{name} is not installed (apt-get install {package})");
        throw new InvalidOperationException("A skipped test goes on.");
    }

    /// <summary>Debian's own Python, with a module of Debian's.</summary>
    public static string Python(string module)
    {
        var python = Program("python3", "python3");
        if (!Path.Exists(Path.Combine("/usr/lib/python3/dist-packages", module)))
            SkipOrFail($"Python has no {module} (apt-get install python3-{module})");
        return python;
    }

    /// <summary>A file or folder of the public suites: of <c>COMMUNE_CONFORMANCE</c>, or of <c>../shared/conformance</c> beside the
    /// solution's folder. They are not part of the project: where they are not, the calling test is skipped.</summary>
    public static string Conformance(string relative) =>
        Environment.GetEnvironmentVariable("COMMUNE_CONFORMANCE") is { Length: > 0 } folder
            ? Existing(Path.Combine(folder, relative)) : Shared(Path.Combine("conformance", relative));

    /// <summary>A file or folder of <c>../shared</c> beside the solution's folder; skips the calling test where it is not.</summary>
    public static string Shared(string relative)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Commune.slnx")))
            folder = folder.Parent;
        return Existing(Path.GetFullPath(Path.Combine(folder?.FullName ?? AppContext.BaseDirectory, "..", "shared", relative)));
    }

    private static string Existing(string path)
    {
        if (!Path.Exists(path))
            Assert.Skip($"Not on this machine, and no part of the project: {path}");
        return path;
    }
}
