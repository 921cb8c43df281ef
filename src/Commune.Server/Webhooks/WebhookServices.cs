using Commune.Server.Hosting;
using Commune.Server.Jobs;
using Commune.Storage;

namespace Commune.Server.Webhooks;

/// <summary>Calls of endpoints.</summary>
internal static class WebhookServices
{
    public static void AddWebhooks(this IServiceCollection services, CommuneOptions options)
    {
        services.AddSingleton(options.Webhooks);
        services.AddSingleton(WebhookSchedule.From(options.Webhooks));
        services.AddSingleton<EndpointGuard>();
        services.AddSingleton<WebhookClient>();
        services.AddSingleton<ReceivedHeaders>();
        services.AddSingleton<CallWebhook>();
        if (options.HasRole("worker"))
        {
            services.AddLane(provider => new JobLane(JobKind.Webhook, options.Webhooks.Concurrency, options.Webhooks.ConcurrencyPerEndpoint,
                provider.GetRequiredService<CallWebhook>().RunAsync));
        }
    }
}
