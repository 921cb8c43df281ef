using Commune.Server.Hosting;

namespace Commune.Server.Api.Deletion;

/// <summary>Deletion of data for good (contract section 16.4): a preview first, then a confirmation.</summary>
public static class DeletionEndpoints
{
    public static void MapDeletion(this IEndpointRouteBuilder v1)
    {
        v1.MapPost("/data/deletion-request", CreateDeletionRequest.HandleAsync).Needs(Scopes.DataDelete);
        v1.MapPost("/data/deletion-request/{requestId}/confirm", ConfirmDeletionRequest.HandleAsync).Needs(Scopes.DataDelete);
        v1.MapGet("/data/deletion-request/{requestId}", GetDeletionRequest.HandleAsync).Needs(Scopes.DataDelete);
    }
}
