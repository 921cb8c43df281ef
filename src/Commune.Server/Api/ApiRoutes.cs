using Commune.Server.Api.Attachments;
using Commune.Server.Api.Dmarc;
using Commune.Server.Api.Domains;
using Commune.Server.Api.Events;
using Commune.Server.Api.Inboxes;
using Commune.Server.Api.Messages;
using Commune.Server.Api.Threads;
using Commune.Server.Hosting;

namespace Commune.Server.Api;

/// <summary>Every route under <c>/v1</c>: one <c>Map…</c> per noun of the contract.</summary>
public static class ApiRoutes
{
    public static void MapApi(this IEndpointRouteBuilder routes)
    {
        var v1 = routes.MapGroup("/v1");
        v1.MapDomains();
        v1.MapInboxes();
        v1.MapThreads();
        v1.MapMessages();
        v1.MapAttachments();
        v1.MapDmarc();
        v1.MapEvents();
    }

    /// <summary>The endpoint needs a credential with this scope (contract section 3); an empty scope means any credential.</summary>
    public static TBuilder Needs<TBuilder>(this TBuilder endpoint, string scope)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new RequiredScope(scope));
}
