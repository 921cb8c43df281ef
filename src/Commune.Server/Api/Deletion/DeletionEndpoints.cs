using Commune.Server.Api.Description;
using Commune.Server.Hosting;

namespace Commune.Server.Api.Deletion;

/// <summary>Deletion of data for good (contract section 16.4): a preview first, then a confirmation.</summary>
public static class DeletionEndpoints
{
    public static void MapDeletion(this IEndpointRouteBuilder v1)
    {
        v1.MapPost("/data/deletion-request", CreateDeletionRequest.HandleAsync).Needs(Scopes.DataDelete)
            .Is(Call.Named("deletions.create").Takes<NewDeletionRequest>().Gives<Copied<DeletionResponse>>(StatusCodes.Status201Created)
            .Fails(404, "The inbox is unknown").Fails(409, "The organization is being deleted already"));
        v1.MapPost("/data/deletion-request/{requestId}/confirm", ConfirmDeletionRequest.HandleAsync).Needs(Scopes.DataDelete)
            .Is(Call.Named("deletions.confirm").Takes<ConfirmationRequest>().Gives<Copied<DeletionResponse>>()
            .Fails(403, "The token is not the one of this request").Fails(410, "The token has expired"));
        v1.MapGet("/data/deletion-request/{requestId}", GetDeletionRequest.HandleAsync).Needs(Scopes.DataDelete)
            .Is(Call.Named("deletions.get").Gives<Copied<DeletionResponse>>());
    }
}
