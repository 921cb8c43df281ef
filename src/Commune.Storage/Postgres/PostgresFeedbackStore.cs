namespace Commune.Storage.Postgres;

internal sealed class PostgresFeedbackStore(PostgresDatabase database) : IFeedbackStore
{
    public Task AddAsync(Feedback feedback, CancellationToken cancellation) =>
        database.ExecuteAsync(
            "INSERT INTO feedback (org_id, id, actor, type, message, context, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            cancellation, feedback.OrgId, feedback.Id, feedback.Actor, feedback.Type, feedback.Message, feedback.Context, feedback.CreatedAt);
}
