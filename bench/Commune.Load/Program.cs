using System.Globalization;
using Commune.Load;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

try
{
    return args switch
    {
        ["inbound", .. var rest] => await InboundLoad.RunAsync(LoadOptions.Parse(rest)),
        ["api", .. var rest] => await ApiLoad.RunAsync(LoadOptions.Parse(rest)),
        ["outbound", .. var rest] => await OutboundLoad.RunAsync(LoadOptions.Parse(rest)),
        ["queue", .. var rest] => await QueueLoad.RunAsync(LoadOptions.Parse(rest)),
        ["events", .. var rest] => await EventLoad.RunAsync(LoadOptions.Parse(rest)),
        ["webhooks", .. var rest] => await WebhookLoad.RunAsync(LoadOptions.Parse(rest)),
        ["search", .. var rest] => await SearchLoad.RunAsync(LoadOptions.Parse(rest)),
        ["screening", .. var rest] => ScreeningLoad.Run(rest),
        ["tenants", .. var rest] => await TenantLoad.RunAsync(LoadOptions.Parse(rest)),
        ["memory", .. var rest] => await IdleMemory.RunAsync(LoadOptions.Parse(rest)),
        ["search-quality", .. var rest] => await SearchQuality.RunAsync(LoadOptions.Parse(rest)),
        _ => throw new LoadException(LoadOptions.Usage),
    };
}
catch (LoadException error)
{
    await Console.Error.WriteLineAsync(error.Message);
    return 2;
}
