using Microsoft.Extensions.Options;

namespace Commune.Server.Hosting;

/// <summary>What a person sees who has just started the program: where it is, the key, and a first call to try.</summary>
internal static class StartBanner
{
    /// <summary>The program has started: what fails from now on is logged.</summary>
    public static bool WasWritten { get; private set; }

    public static void Write(TextWriter output, IServiceProvider services, Listeners listeners, StartedStore started)
    {
        var options = services.GetRequiredService<IOptions<CommuneOptions>>().Value;
        var data = Path.GetFullPath(options.DataDirectory);
        output.WriteLine();
        output.WriteLine("Commune is running.");
        output.WriteLine();
        foreach (var url in listeners.HttpUrls)
            output.WriteLine($"  API      {url}");
        foreach (var endPoint in listeners.SmtpEndPoints)
            output.WriteLine($"  SMTP     {endPoint} (mail for {options.SharedDomain})");
        output.WriteLine($"  Data     {data} ({(options.Database == "postgres" ? "PostgreSQL" : "SQLite")})");
        output.WriteLine(started.NewApiKey is { } secret
            ? $"  API key  {secret}\n           shown once; kept in {Path.Combine(data, "api-key")}"
            : options.BootstrapApiKey is null ? $"  API key  in {Path.Combine(data, "api-key")}" : "  API key  as set in Commune__BootstrapApiKey");
        if (listeners.HttpUrls.FirstOrDefault() is { } first)
        {
            var key = started.NewApiKey ?? "$KEY";
            output.WriteLine();
            output.WriteLine("Try it: an inbox in one call");
            output.WriteLine();
            if (started.NewApiKey is null)
                output.WriteLine($"  export KEY={(options.BootstrapApiKey is null ? $"$(cat {Path.Combine(data, "api-key")})" : "comm_…")}");
            output.WriteLine($"  curl -s -X POST {first}/v1/inboxes \\");
            output.WriteLine($"    -H \"Authorization: Bearer {key}\" -H \"Content-Type: application/json\" \\");
            output.WriteLine("    -d '{\"local_part\": \"myagent\", \"name\": \"My Agent\"}'");
        }
        output.WriteLine();
        output.Flush();
        WasWritten = true;
    }
}
