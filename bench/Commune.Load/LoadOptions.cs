using System.Globalization;
using System.Net;
using Commune.Ai.Models;

namespace Commune.Load;

/// <summary>The measurement could not be made; the message says why.</summary>
internal sealed class LoadException(string message) : Exception(message);

/// <summary>What the command line says.</summary>
internal sealed record LoadOptions
{
    public const string Usage =
        """
        dotnet run -c Release --project bench/Commune.Load -- inbound|outbound|queue|api|events|webhooks|search|tenants|memory|screening|search-quality [options]

          inbound   durable inbound mail over SMTP against the bare insert rate of the same database
          outbound  from the API to a sink, signed, against a Postfix that relays to the same sink (package postfix, root)
          queue     what 10 000 messages for a dead destination cost the others
          api       latencies of the API with a full inbox
          events    1000 idle event streams, and readers of the log under load
          webhooks  calls per second to an endpoint on this machine, and the time from a 250 to the call
          search    latencies of search in one large inbox, and the cost of the index
          tenants   lists and look-ups at 100, 1000 and 10 000 domains with ten times as many inboxes
          memory    resident memory of an idle server
          screening precision and recall of the screening of mail on our own samples, and its cost; --misses names what was judged wrongly
          search-quality  how well search finds the mails of bench/Commune.SearchEvaluation, beside a plain BM25

          --engine sqlite|postgres   default sqlite
          --connection <string>      PostgreSQL, a user that may create databases; each run makes its own and drops it
          --directory <path>         where the data directory is made; default the system's temporary directory
          --home <path>              search on SQLite: a data directory that a run of search with --keep left; it is filled up to --messages, and stays
          --server <commune.dll>     default the Release build of this repository
          --messages <n>             inbound: 40000; outbound and queue: 10000; api, events and search: 100000; webhooks: 5000
          --warmup <n>               messages before the measurement starts; inbound: 20000
          --sessions <n>             SMTP sessions, or callers of outbound; 32
          --size <bytes>             of a message; 20480
          --producers <n>            of the bare inserts; 64
          --seconds <n>              of each bare measurement and each API measurement; 4
          --alone                    outbound: without Postfix, for a profile
          --keep                     leave the data directory behind; search-quality: also list what was not found
          --url, --smtp, --key       search-quality: a server that runs already, its SMTP listener (ip:port) and an API key
          --embeddings openai|azure|ollama, --endpoint, --model
                                     search-quality: also the vectors of this model, alone and with BM25; its key in COMMUNE_MODEL_KEY
        """;

    public string Engine { get; init; } = "sqlite";
    public string? Connection { get; init; }
    public string Directory { get; init; } = Path.GetTempPath();
    public string? Home { get; init; }
    public string Server { get; init; } = DefaultServer();
    public int? Messages { get; init; }
    public int WarmUp { get; init; } = 20_000;
    public int Sessions { get; init; } = 32;
    public int Size { get; init; } = 20 * 1024;
    public int Producers { get; init; } = 64;
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(4);
    public bool Keep { get; init; }
    public bool Alone { get; init; }
    public Uri? Url { get; init; }
    public IPEndPoint? Smtp { get; init; }
    public string? Key { get; init; }
    public ModelProvider? Embeddings { get; init; }
    public Uri? Endpoint { get; init; }
    public string? Model { get; init; }

    /// <exception cref="LoadException">Not an option, or not a value for it.</exception>
    public static LoadOptions Parse(ReadOnlySpan<string> arguments)
    {
        var options = new LoadOptions();
        for (var i = 0; i < arguments.Length; i++)
        {
            var name = arguments[i];
            if (name is "--keep" or "--alone")
            {
                options = name == "--keep" ? options with { Keep = true } : options with { Alone = true };
                continue;
            }
            if (++i == arguments.Length)
                throw new LoadException($"{name} needs a value.\n\n{Usage}");
            var value = arguments[i];
            options = name switch
            {
                "--engine" when value is "sqlite" or "postgres" => options with { Engine = value },
                "--connection" => options with { Connection = value },
                "--directory" => options with { Directory = value },
                "--home" => options with { Home = Path.GetFullPath(value), Keep = true },
                "--server" => options with { Server = Path.GetFullPath(value) },
                "--messages" => options with { Messages = Number(name, value) },
                "--warmup" => options with { WarmUp = Number(name, value) },
                "--sessions" => options with { Sessions = Number(name, value) },
                "--size" => options with { Size = Number(name, value) },
                "--producers" => options with { Producers = Number(name, value) },
                "--seconds" => options with { Duration = TimeSpan.FromSeconds(Number(name, value)) },
                "--url" when Uri.TryCreate(value, UriKind.Absolute, out var url) => options with { Url = url },
                "--smtp" when IPEndPoint.TryParse(value, out var smtp) => options with { Smtp = smtp },
                "--key" => options with { Key = value },
                "--embeddings" when Enum.TryParse<ModelProvider>(value, ignoreCase: true, out var provider) => options with { Embeddings = provider },
                "--endpoint" when Uri.TryCreate(value, UriKind.Absolute, out var endpoint) => options with { Endpoint = endpoint },
                "--model" => options with { Model = value },
                _ => throw new LoadException($"{name} {value} is not understood.\n\n{Usage}"),
            };
        }
        if (options is { Engine: "postgres", Connection: null })
            throw new LoadException("--engine postgres needs --connection.");
        return options;
    }

    private static int Number(string name, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number : throw new LoadException($"{name} needs a whole number above 0.");

    private static string DefaultServer()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Commune.slnx")))
            folder = folder.Parent;
        return Path.Combine(folder?.FullName ?? ".", "src", "Commune.Server", "bin", "Release", "net10.0", "commune.dll");
    }
}
