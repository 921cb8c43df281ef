using System.CommandLine;
using Commune.Server.Hosting;
using Microsoft.Extensions.Options;

namespace Commune.Server.Operator;

/// <summary><c>links rotate</c>: a new key for the signed links of attachments.</summary>
internal static class RotateLinks
{
    private static readonly Option<bool> Revoke = new("--revoke") { Description = "Links that were handed out work no more (else until they expire, seven days at most)." };

    public static Command Build()
    {
        var command = new Command("rotate", "Sign links of attachments with a new key from now on.") { Revoke };
        command.SetAction(static (parsed, cancellation) => CommandContext.RunAsync(parsed, (context, cancel) => RunAsync(context, parsed, cancel), cancellation));
        return command;
    }

    private static async Task RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellation)
    {
        var revoke = parsed.GetValue(Revoke);
        var made = await new LinkKeys(context.Store, Options.Create(context.Options), context.Time).RotateAsync(revoke, cancellation);
        context.Answer(
            new { KeyId = made.Id.ToString("x8", System.Globalization.CultureInfo.InvariantCulture), Revoked = revoke },
            $"Links of attachments are signed with the new key {made.Id:x8} within a minute.",
            revoke ? "Links that were handed out before work no more, within a minute." : "Links that were handed out before work until they expire.");
    }
}
