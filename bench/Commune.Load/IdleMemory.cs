namespace Commune.Load;

/// <summary>Resident memory of a server that has just started from nothing and does nothing.</summary>
internal static class IdleMemory
{
    private const long Limit = 120L << 20;

    public static async Task<int> RunAsync(LoadOptions options)
    {
        await using var home = await ServerHome.MakeAsync(options);
        await using var server = await ServerProcess.StartAsync(options, home);
        await Task.Delay(TimeSpan.FromSeconds(10), TimeProvider.System, CancellationToken.None);
        var resident = server.Memory("VmRSS");
        Console.WriteLine($"{options.Engine}: {resident / 1048576.0:0.0} MB resident 10 s after the start (wanted: under {Limit >> 20} MB)");
        return resident < Limit ? 0 : 1;
    }
}
