namespace Commune.Server.Jobs;

/// <summary>Lanes of the queue, each with a worker of its own.</summary>
internal static class JobLaneServices
{
    public static void AddLane(this IServiceCollection services, Func<IServiceProvider, JobLane> lane) => services.AddSingleton<IHostedService>(
        provider => ActivatorUtilities.CreateInstance<JobWorker>(provider, lane(provider)));
}
