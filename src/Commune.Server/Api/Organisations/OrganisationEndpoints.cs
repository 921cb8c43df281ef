using Commune.Server.Api.Description;
using Commune.Server.Hosting;

namespace Commune.Server.Api.Organisations;

/// <summary>The caller's own organisation (contract section 16.1), its audit log and its limits.</summary>
public static class OrganisationEndpoints
{
    public static void MapOrganisation(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/agent/org", GetOrganisation.HandleAsync).Needs(Scopes.Any)
            .Is(Call.Named("organisation.get").Gives<CopiedAsOrg<OrganisationResponse>>());
        v1.MapPatch("/agent/org", RenameOrganisation.HandleAsync).Needs(Scopes.Any)
            .Is(Call.Named("organisation.rename").Takes<OrganisationNameRequest>().Gives<CopiedAsOrg<OrganisationResponse>>());
        v1.MapGet("/agent/audit", ListAudit.HandleAsync).Needs(Scopes.Admin)
            .Is(Call.Named("organisation.audit").Gives<ListEnvelope<ListAudit.AuditResponse>>().Paged(50, 1000));
        v1.MapGet("/me/limits", GetLimits.HandleAsync).Needs(Scopes.Any)
            .Is(Call.Named("organisation.limits").Gives<Envelope<GetLimits.LimitsResponse>>());
    }
}
