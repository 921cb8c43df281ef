using System.Diagnostics;
using Commune.Peers;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Interop;

/// <summary>OpenDKIM as a milter on a loopback port: it signs for one domain what comes from this machine.</summary>
internal sealed class OpenDkim : IAsyncDisposable
{
    private readonly Process process;

    private OpenDkim(Process process, int port)
    {
        this.process = process;
        Port = port;
    }

    public int Port { get; }

    /// <param name="key">The file of the private key at selector <c>od</c>.</param>
    public static async Task<OpenDkim> StartAsync(WorkFolder folder, FakeDns dns, string domain, string key)
    {
        var port = LoopbackPort.Free();
        var settings = WriteSettings(folder, dns, $"""
            Mode s
            Socket inet:{port}@127.0.0.1
            Domain {domain}
            Selector od
            KeyFile {key}
            Syslog no

            """);
        var start = new ProcessStartInfo(Machine.Program("opendkim", "opendkim"), ["-f", "-x", settings])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var started = new OpenDkim(Process.Start(start)!, port);
        var output = started.process.StandardError.ReadToEndAsync();
        await Eventually.GetAsync(
            async () => started.process.HasExited ? throw new InvalidOperationException("opendkim ended: " + await output) : await LoopbackPort.AnswersAsync(port),
            static answers => answers);
        return started;
    }

    /// <summary>Settings, with a resolver (libunbound) that asks the name server of a test.</summary>
    /// <returns>The path of the file.</returns>
    public static string WriteSettings(WorkFolder folder, FakeDns dns, string settings)
    {
        var resolver = folder.Write("unbound.conf", $"""
            server:
              do-not-query-localhost: no
              module-config: "iterator"
            forward-zone:
              name: "."
              forward-addr: 127.0.0.1@{dns.EndPoint.Port}

            """);
        return folder.Write("opendkim.conf", settings + $"ResolverConfiguration {resolver}\nRequireSafeKeys no\n");
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
