using System.CommandLine;
using System.Text.Json;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Operator;

/// <summary>What every command has: the settings of the server, its store, and how to answer.</summary>
internal sealed class CommandContext : IAsyncDisposable
{
    private readonly bool asJson;

    private CommandContext(bool asJson, CommuneOptions options, IStore store, Organisation operatorOrganisation)
    {
        this.asJson = asJson;
        (Options, Store, OperatorOrganisation) = (options, store, operatorOrganisation);
    }

    public static Option<bool> Json { get; } = new("--json") { Description = "Answer with one JSON object.", Recursive = true };

    public static Option<string?> DataDirectory { get; } = new("--data-directory")
    {
        Description = "The server's data directory (else Commune__DataDirectory, else ./data).",
        Recursive = true,
    };

    public CommuneOptions Options { get; }
    public IStore Store { get; }
    public TimeProvider Time => TimeProvider.System;

    /// <summary>The first organisation, which has the shared domain.</summary>
    public Organisation OperatorOrganisation { get; }

    /// <summary>Runs a command and turns what it refuses into a line on standard error and exit code 1.</summary>
    public static async Task<int> RunAsync(ParseResult parsed, Func<CommandContext, CancellationToken, Task> command, CancellationToken cancellation)
    {
        var wantsJson = parsed.GetValue(Json);
        try
        {
            await using var context = await OpenAsync(parsed, wantsJson, cancellation);
            await command(context, cancellation);
            return 0;
        }
        catch (Exception error) when (Explain(error) is { } line)
        {
            await Console.Error.WriteLineAsync(wantsJson ? JsonSerializer.Serialize(new ErrorBody(line, "refused"), ApiJson.Options) : "commune: " + line);
            return 1;
        }
    }

    /// <summary>The answer: a JSON object, or the lines that a person reads.</summary>
    public void Answer<T>(T answer, params IReadOnlyList<string> lines)
    {
        if (asJson)
            lines = [JsonSerializer.Serialize(answer, ApiJson.Options)];
        foreach (var line in lines)
            Console.Out.WriteLine(line);
    }

    /// <summary>By slug or id; the operator's own when neither is given.</summary>
    public async Task<Organisation> FindOrganisationAsync(string? slugOrId, CancellationToken cancellation)
    {
        if (slugOrId is null)
            return OperatorOrganisation;
        return await Store.Organisations.FindBySlugAsync(slugOrId.ToLowerInvariant(), cancellation)
            ?? await Store.Organisations.GetAsync(slugOrId, cancellation)
            ?? throw new RefusedException($"There is no organisation {slugOrId}; \"commune org create\" makes one.");
    }

    public ValueTask DisposeAsync() => Store.DisposeAsync();

    private static string? Explain(Exception error) => error switch
    {
        RefusedException or ApiException => error.Message,
        _ => StartFailure.Explain(error),
    };

    private static async Task<CommandContext> OpenAsync(ParseResult parsed, bool wantsJson, CancellationToken cancellation)
    {
        var configuration = CommuneHost.CreateBuilder([]).Configuration;
        var options = configuration.GetSection("Commune").Get<CommuneOptions>() ?? new CommuneOptions();
        options.DataDirectory = Path.GetFullPath(parsed.GetValue(DataDirectory) ?? options.DataDirectory);
        options.Check();
        // A command must not be what makes a database: the first start gives the first organisation its shared domain and key.
        if (options.Database == "sqlite" && !File.Exists(Path.Combine(options.DataDirectory, "commune.db")))
            throw new RefusedException($"{options.DataDirectory} holds no Commune database; start the server there once, or name the right directory with --data-directory.");
        var store = CommuneHost.OpenStore(options, configuration, TimeProvider.System, besideServer: true);
        try
        {
            await store.MigrateAsync(cancellation);
            if (!await store.Organisations.AnyAsync(cancellation))
                throw new RefusedException("The database has no organisation yet; start the server once first.");
            var shared = await store.Domains.GetSharedAsync(cancellation);
            var first = await store.Organisations.GetAsync(shared.OrgId, cancellation)
                ?? throw new RefusedException("The organisation that has the shared domain is missing; restore the database from a backup.");
            return new CommandContext(wantsJson, options, store, first);
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }
}

/// <summary>A command that cannot be done; the message says why, and what to do.</summary>
internal sealed class RefusedException(string message) : Exception(message);
