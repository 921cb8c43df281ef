using System.Text.Json;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Feedback;

/// <summary>Stores a report of an error, a wish or an observation for the operator to read.</summary>
internal static class SendFeedback
{
    private const int MostCharacters = 4000;
    private const int MostContext = 16 * 1024;

    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, TimeProvider time)
    {
        var caller = Authentication.CallerOf(http);
        var body = await RequestBody.ReadAsync(http);
        var type = body.RequiredText("type");
        if (type is not ("error" or "feature" or "signal"))
            throw ApiException.Invalid("type", "type must be error, feature or signal");
        var message = body.RequiredText("message").Trim();
        if (message.Length > MostCharacters)
            throw ApiException.Invalid("message", $"message must be 1 to {MostCharacters} characters");
        var context = body.Member("context") is { ValueKind: not JsonValueKind.Null } given ? given.GetRawText() : null;
        if (context is { Length: > MostContext })
            throw ApiException.Invalid("context", $"context must be at most {MostContext / 1024} KB");

        var now = time.GetUtcNow();
        var feedback = new Storage.Feedback(
            caller.OrgId, EntityId.NewSortable("fb_", now), caller.ActorId, type, message, context, now.ToUnixTimeMilliseconds());
        await store.Feedback.AddAsync(feedback, http.RequestAborted);
        return ApiJson.Created(new Envelope<FeedbackResponse>(new FeedbackResponse(feedback.Id, type, "received", ApiJson.Time(feedback.CreatedAt))));
    }

    internal sealed record FeedbackResponse(string Id, string Type, string Status, string CreatedAt);
}
