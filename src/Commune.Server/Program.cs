using System.Globalization;
using Commune.Server.Hosting;
using Commune.Server.Operator;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

if (OperatorCommands.IsCommand(args))
    return await OperatorCommands.RunAsync(args);

try
{
    var builder = CommuneHost.CreateBuilder(args);
    await using var app = CommuneHost.Build(builder, out var listeners);
    var started = await CommuneHost.PrepareAsync(app);
    try
    {
        await app.StartAsync();
    }
    catch
    {
        // A port may be taken when the work in the background runs already: it ends before its store is closed.
        await app.StopAsync();
        throw;
    }
    StartBanner.Write(Console.Out, app.Services, listeners, started);
    await app.WaitForShutdownAsync();
    return 0;
}
catch (Exception error) when (StartFailure.Explain(error) is { } line)
{
    await Console.Error.WriteLineAsync("commune: " + line);
    return 1;
}
