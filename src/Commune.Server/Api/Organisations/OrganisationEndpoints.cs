using Commune.Server.Hosting;

namespace Commune.Server.Api.Organisations;

/// <summary>The caller's own organisation (contract section 16.1), its audit log and its limits.</summary>
public static class OrganisationEndpoints
{
    public static void MapOrganisation(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/agent/org", GetOrganisation.HandleAsync).Needs(Scopes.Any);
        v1.MapPatch("/agent/org", RenameOrganisation.HandleAsync).Needs(Scopes.Any);
        v1.MapGet("/agent/audit", ListAudit.HandleAsync).Needs(Scopes.Admin);
        v1.MapGet("/me/limits", GetLimits.HandleAsync).Needs(Scopes.Any);
    }
}
