using Commune.Server.Api.Agents;
using Commune.Server.Api.ApiKeys;
using Commune.Server.Api.Attachments;
using Commune.Server.Api.Deletion;
using Commune.Server.Api.Delivery;
using Commune.Server.Api.Description;
using Commune.Server.Api.Dmarc;
using Commune.Server.Api.Domains;
using Commune.Server.Api.Events;
using Commune.Server.Api.Feedback;
using Commune.Server.Api.Guide;
using Commune.Server.Api.Inboxes;
using Commune.Server.Api.Messages;
using Commune.Server.Api.Organisations;
using Commune.Server.Api.Search;
using Commune.Server.Api.Sending;
using Commune.Server.Api.Threads;
using Commune.Server.Api.Webhooks;
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
        v1.MapSendingPause();
        v1.MapDelivery();
        v1.MapOrganisation();
        v1.MapApiKeys();
        v1.MapAgents();
        v1.MapDeletion();
        v1.MapFeedback();
        v1.MapSearch();
        routes.MapGuides();
        routes.MapDescription();
        v1.MapEvents();
        v1.MapWebhooks();
    }

    /// <summary>The endpoint needs a credential with this scope (contract section 3); an empty scope means any credential.</summary>
    public static TBuilder Needs<TBuilder>(this TBuilder endpoint, string scope)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new RequiredScope(scope));
}
