using System.CommandLine;

namespace Commune.Server.Operator;

/// <summary>
/// What the operator does on the server's own machine, beside the running server or without it: the same program with the name of a command first.
/// Exit codes: 0 done, 1 refused (the reason is on standard error), 2 not a command as it should be written.
/// </summary>
internal static class OperatorCommands
{
    private const int Usage = 2;

    /// <summary>True when the arguments name a command or ask for help; else they are settings of the server.</summary>
    public static bool IsCommand(string[] args) =>
        args is [var first, ..] && (first is "--help" or "-h" or "-?" or "--version" || !first.StartsWith('-'));

    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = Build().Parse(args);
        if (parsed.Errors.Count == 0)
            return await parsed.InvokeAsync();
        foreach (var error in parsed.Errors)
            await Console.Error.WriteLineAsync("commune: " + error.Message);
        await Console.Error.WriteLineAsync($"Run \"commune {string.Join(' ', Named(parsed).Append("--help"))}\" to see how it is written.");
        return Usage;
    }

    private static RootCommand Build()
    {
        var root = new RootCommand(
            "Commune, an email server for AI agents. Without a command the server starts; its settings are environment variables (Commune__…) or arguments "
            + "(--urls …, --Commune:DataDirectory=…). The commands work on the server's data directory or PostgreSQL database, while it runs or not.");
        root.Options.Add(CommandContext.Json);
        root.Options.Add(CommandContext.DataDirectory);
        root.Subcommands.Add(new Command("org", "Organisations.") { CreateOrganisation.Build() });
        root.Subcommands.Add(new Command("key", "API keys.") { CreateKey.Build() });
        root.Subcommands.Add(new Command("domain", "Domains.") { TrustDomain.Build() });
        root.Subcommands.Add(new Command("agent", "Agents that register themselves.") { InviteAgent.Build() });
        root.Subcommands.Add(new Command("links", "Signed links of attachments.") { RotateLinks.Build() });
        root.Subcommands.Add(ShowStatus.Build());
        return root;
    }

    private static IEnumerable<string> Named(ParseResult parsed)
    {
        var names = new List<string>();
        for (var command = parsed.CommandResult; command.Parent is System.CommandLine.Parsing.CommandResult above; command = above)
            names.Insert(0, command.Command.Name);
        return names;
    }
}
