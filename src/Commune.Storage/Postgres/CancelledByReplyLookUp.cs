namespace Commune.Storage.Postgres;

/// <summary>The scheduled messages of a thread that a reply withdraws: asked for every mail that joins a thread.</summary>
internal sealed class CancelledByReplyLookUp(string orgId, string threadId) : LookUp<IReadOnlyList<string>>
{
    private readonly List<string> messageIds = [];

    protected override IReadOnlyList<string> Found => messageIds;

    public override void Read(PipelinedBatch reads, IReadOnlyList<LookUp> same)
    {
        var asked = same.Cast<CancelledByReplyLookUp>().ToArray();
        foreach (var one in asked)
            one.messageIds.Clear();
        reads.Read(
            """
            SELECT k.number, s.message_id
            FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k (org_id, thread_id, number)
            JOIN scheduled_sends s ON s.org_id = k.org_id AND s.thread_id = k.thread_id
            WHERE s.cancel_on_reply = 1
            """,
            row => asked[row.GetInt64(0) - 1].messageIds.Add(row.GetString(1)),
            Array.ConvertAll(asked, static one => one.Thread.OrgId),
            Array.ConvertAll(asked, static one => one.Thread.ThreadId));
    }

    private (string OrgId, string ThreadId) Thread => (orgId, threadId);
}
