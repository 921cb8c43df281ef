using System.CommandLine;
using Commune.Storage.Sqlite;

namespace Commune.Server.Operator;

/// <summary><c>status</c>: what the store holds, and whether a server uses it.</summary>
internal static class ShowStatus
{
    public static Command Build()
    {
        var command = new Command("status", "Show what the store holds, and whether a server runs on it.");
        command.SetAction(static (parsed, cancellation) => CommandContext.RunAsync(parsed, RunAsync, cancellation));
        return command;
    }

    private static async Task RunAsync(CommandContext context, CancellationToken cancellation)
    {
        var options = context.Options;
        await context.Store.CheckAsync(cancellation);
        var counts = await context.Store.CountAsync(cancellation);
        // On PostgreSQL the nodes share nothing that would tell.
        bool? running = options.Database == "sqlite" ? SqliteStore.IsInUse(options.DataDirectory) : null;
        context.Answer(
            new
            {
                Database = options.Database,
                options.DataDirectory,
                ServerRunning = running,
                options.SharedDomain,
                options.Registration,
                Organizations = counts.Organisations,
                counts.ApiKeys,
                counts.Agents,
                counts.Domains,
                counts.Inboxes,
                counts.Messages,
                counts.WaitingJobs,
                counts.DeletionsExecuting,
            },
            $"Database             {options.Database}{(options.Database == "sqlite" ? $" in {options.DataDirectory}" : "")}",
            $"Server               {running switch { true => "running", false => "not running", null => "not known on PostgreSQL" }}",
            $"Shared domain        {options.SharedDomain}",
            $"Registration         {options.Registration}",
            $"Organisations        {counts.Organisations}",
            $"API keys             {counts.ApiKeys} active",
            $"Agents               {counts.Agents} active",
            $"Domains              {counts.Domains}",
            $"Inboxes              {counts.Inboxes}",
            $"Messages             {counts.Messages}",
            $"Jobs waiting         {counts.WaitingJobs}",
            $"Deletions executing  {counts.DeletionsExecuting}");
    }
}
