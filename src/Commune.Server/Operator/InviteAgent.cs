using System.CommandLine;
using Commune.Server.Api.Agents;
using Commune.Server.Hosting;

namespace Commune.Server.Operator;

/// <summary><c>agent invite</c>: a code by which one agent can register where registration is by invite.</summary>
internal static class InviteAgent
{
    private static readonly Option<string> ExpiresIn = new("--expires-in")
    {
        Description = "How long the code can be used, such as 12h or 7d.",
        DefaultValueFactory = static _ => "7d",
    };

    public static Command Build()
    {
        var command = new Command("invite", "Make a code for one registration and print it, once.") { ExpiresIn };
        command.SetAction(static (parsed, cancellation) => CommandContext.RunAsync(parsed, (context, cancel) => RunAsync(context, parsed, cancel), cancellation));
        return command;
    }

    private static async Task RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellation)
    {
        var now = context.Time.GetUtcNow();
        var expiresAt = (now + SettingText.Durations("--expires-in", parsed.GetRequiredValue(ExpiresIn))[0]).ToUnixTimeMilliseconds();
        var code = RegistrationPolicy.NewInvite();
        await context.Store.Registrations.AddInviteAsync(RegistrationPolicy.HashOf(code), now.ToUnixTimeMilliseconds(), expiresAt, cancellation);
        context.Answer(
            new { Invite = code, ExpiresAt = ApiJson.Time(expiresAt), context.Options.Registration },
            $"For one registration until {ApiJson.Time(expiresAt)}, as member \"invite\" of POST /v1/auth/agent-register:",
            code);
    }
}
