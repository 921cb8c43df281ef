using System.CommandLine;
using Commune.Server.Api.Inboxes;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Operator;

/// <summary><c>org create</c>: a new organisation, without keys yet.</summary>
internal static class CreateOrganisation
{
    private static readonly Option<string> Name = new("--name") { Description = "Name, 1 to 200 characters.", Required = true };
    private static readonly Option<string> Slug = new("--slug") { Description = "Short name: letters, digits, hyphens, underscores.", Required = true };
    private static readonly Option<string> Tier = new("--tier") { Description = "free, pro or enterprise.", DefaultValueFactory = static _ => "free" };

    public static Command Build()
    {
        Tier.AcceptOnlyFromAmong("free", "pro", "enterprise");
        var command = new Command("create", "Make an organisation.") { Name, Slug, Tier };
        command.SetAction(static (parsed, cancellation) => CommandContext.RunAsync(parsed, (context, cancel) => RunAsync(context, parsed, cancel), cancellation));
        return command;
    }

    private static async Task RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellation)
    {
        var name = parsed.GetRequiredValue(Name).Trim();
        if (name.Length is 0 or > 200)
            throw new RefusedException("--name must be 1 to 200 characters.");
        var slug = parsed.GetRequiredValue(Slug);
        slug = slug.Contains('.', StringComparison.Ordinal) ? throw new RefusedException("--slug must have no dot.") : InboxSettings.LocalPart(slug);
        var now = context.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var organisation = new Organisation(EntityId.New("org_"), name, slug, parsed.GetRequiredValue(Tier), "active", now, now);
        if (!await context.Store.Organisations.CreateAsync(
            organisation, cancellation, AuditTrail.OfOperator(context.Time, organisation.Id, "org.create", organisation.Id)))
        {
            throw new RefusedException($"The slug {slug} is taken; choose another.");
        }
        context.Answer(
            new { organisation.Id, organisation.Name, organisation.Slug, organisation.Tier },
            $"Organisation {slug} ({organisation.Id}), tier {organisation.Tier}.",
            $"A key for it: commune key create --org {slug} --name admin --permissions admin");
    }
}
