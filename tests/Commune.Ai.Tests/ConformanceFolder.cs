namespace Commune.Ai.Tests;

/// <summary>The public suites beside the project: <c>COMMUNE_CONFORMANCE</c>, or <c>../shared/conformance</c> seen from
/// the folder that holds the solution.</summary>
internal static class ConformanceFolder
{
    /// <summary>The path of a file or folder of the suites; skips the calling test where there are none.</summary>
    public static string PathOf(string relative)
    {
        var folder = Find();
        var path = folder is null ? null : Path.Combine(folder, relative);
        if (path is null || !Path.Exists(path))
            Assert.Skip($"The conformance suites are not on this machine ({relative}): set COMMUNE_CONFORMANCE.");
        return path!;
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("COMMUNE_CONFORMANCE") is { Length: > 0 } named)
            return named;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Commune.slnx")))
                return Path.GetFullPath(Path.Combine(folder.FullName, "..", "shared", "conformance"));
        }

        return null;
    }
}
