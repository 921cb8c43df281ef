using Commune.Server.Api.Description;
using Commune.Server.Hosting;

namespace Commune.Server.Api.Feedback;

/// <summary>What clients tell us of their own accord (contract section 18).</summary>
public static class FeedbackEndpoints
{
    public static void MapFeedback(this IEndpointRouteBuilder v1) => v1.MapPost("/feedback", SendFeedback.HandleAsync).Needs(Scopes.Any)
        .Is(Call.Named("feedback.send").Takes<FeedbackRequest>().Gives<Envelope<SendFeedback.FeedbackResponse>>(StatusCodes.Status201Created));
}
