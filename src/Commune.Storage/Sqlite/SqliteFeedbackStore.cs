namespace Commune.Storage.Sqlite;

internal sealed class SqliteFeedbackStore(SqliteStore store) : IFeedbackStore
{
    public Task AddAsync(Feedback feedback, CancellationToken cancellation) => store.WriteAsync(
        writes => writes.Session.Execute(
            "INSERT INTO feedback (org_id, id, actor, type, message, context, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            feedback.OrgId, feedback.Id, feedback.Actor, feedback.Type, feedback.Message, feedback.Context, feedback.CreatedAt),
        cancellation);
}
