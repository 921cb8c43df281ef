using Commune.Peers;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Interop;

/// <summary>Debian's programs in Python, which ask DNS by dnspython: made to ask the name server of a test.</summary>
internal static class PythonProgram
{
    // Python runs a sitecustomize that it finds on its path before anything else.
    private const string Customize = """
        import os
        import dns.resolver
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers = ['127.0.0.1']
        resolver.port = int(os.environ['DNS_PORT'])
        dns.resolver.default_resolver = resolver
        """;

    public static async Task<string> RunAsync(FakeDns dns, string script, params (string Name, string Value)[] variables)
    {
        using var folder = new WorkFolder();
        folder.Write("sitecustomize.py", Customize);
        return await Shell.SucceedAsync(
            script, [("PYTHONPATH", folder.Path), ("DNS_PORT", dns.EndPoint.Port.ToString()), .. variables]);
    }
}
