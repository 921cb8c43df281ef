using Commune.Server.Hosting;
using Commune.Server.Outbound;

namespace Commune.Server.Api.Unsubscribe;

/// <summary>The public page behind <c>List-Unsubscribe</c>: looking at it does nothing, since programs follow links; its button, or a mail program's POST, does.</summary>
public static class UnsubscribeEndpoints
{
    private const int MaxBytes = 16 * 1024;

    public static void MapUnsubscribe(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Unsubscribing.Path, ShowUnsubscribe.HandleAsync);
        routes.MapPost(Unsubscribing.Path, TakeUnsubscribe.HandleAsync).WithMetadata(new RequestLimit(MaxBytes));
    }
}
