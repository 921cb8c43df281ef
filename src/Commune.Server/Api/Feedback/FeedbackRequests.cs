using Commune.Server.Api.Description;

namespace Commune.Server.Api.Feedback;

/// <param name="Message">1 to 4000 characters.</param>
/// <param name="Context">Any JSON, 16 KB at most.</param>
[Example("""{ "type": "feature", "message": "Threads could have a due date." }""")]
internal sealed record FeedbackRequest([property: Words("error", "feature", "signal")] string Type, string Message, AnyJson? Context);
