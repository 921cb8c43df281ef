using System.CommandLine;
using Commune.Server.Api.Domains;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Operator;

/// <summary><c>domain trust</c>: a domain that counts as verified without DNS, for private networks.</summary>
internal static class TrustDomain
{
    private const int PageSize = 1000;

    private static readonly Option<string> Name = new("--name") { Description = "The domain, such as agents.corp.internal.", Required = true };
    private static readonly Option<string?> Org = new("--org") { Description = "Slug or id of the organisation that gets it (else the operator's own)." };

    public static Command Build()
    {
        var command = new Command("trust", "Take a domain as verified without looking at DNS.") { Name, Org };
        command.SetAction(static (parsed, cancellation) => CommandContext.RunAsync(parsed, (context, cancel) => RunAsync(context, parsed, cancel), cancellation));
        return command;
    }

    private static async Task RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellation)
    {
        var organisation = await context.FindOrganisationAsync(parsed.GetValue(Org), cancellation);
        var name = CreateDomain.HostName(parsed.GetRequiredValue(Name));
        var domains = context.Store.Domains;
        if (await domains.FindVerifiedAsync(name, cancellation) is { } owned && owned.OrgId != organisation.Id)
            throw new RefusedException($"{name} is verified by another organisation ({owned.OrgId}).");

        var now = context.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var domain = await FindOwnAsync(domains, organisation.Id, name, cancellation);
        if (domain is null)
        {
            domain = new Domain(organisation.Id, EntityId.New("d_"), name, "not_started", null, false, now, null);
            if (await domains.CreateAsync(
                domain, CreateDomain.NewKey(domain), cancellation, AuditTrail.OfOperator(context.Time, organisation.Id, "domain.create", domain.Id)) != DomainCreation.Created)
            {
                throw new RefusedException($"{name} is registered or verified already.");
            }
        }
        if (!await domains.SetStatusAsync(
            organisation.Id, domain.Id, "verified", now, cancellation, AuditTrail.OfOperator(context.Time, organisation.Id, "domain.trust", domain.Id)))
        {
            throw new RefusedException($"{name} is this server's shared domain, or verified by another organisation.");
        }
        context.Answer(
            new { domain.Id, domain.Name, Org = organisation.Slug, OrgId = organisation.Id, Status = "verified" },
            $"Domain {name} ({domain.Id}) of {organisation.Slug} counts as verified.",
            "It receives and sends at once; its DNS records are told by the API, and need not stand in any public DNS.");
    }

    private static async Task<Domain?> FindOwnAsync(IDomainStore domains, string orgId, string name, CancellationToken cancellation)
    {
        PageCursor? cursor = null;
        do
        {
            var page = await domains.ListAsync(orgId, PageSize, cursor, cancellation);
            if (page.Items.FirstOrDefault(domain => domain.Name == name) is { } found)
                return found;
            cursor = page.Next;
        }
        while (cursor is not null);
        return null;
    }
}
