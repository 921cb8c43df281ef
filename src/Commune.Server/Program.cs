using System.Globalization;
using Commune.Server.Hosting;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

try
{
    var builder = CommuneHost.CreateBuilder(args);
    await using var app = CommuneHost.Build(builder, out var listeners);
    var started = await CommuneHost.PrepareAsync(app);
    await app.StartAsync();
    StartBanner.Write(Console.Out, app.Services, listeners, started);
    await app.WaitForShutdownAsync();
    return 0;
}
catch (Exception error) when (StartFailure.Explain(error) is { } line)
{
    await Console.Error.WriteLineAsync("commune: " + line);
    return 1;
}
