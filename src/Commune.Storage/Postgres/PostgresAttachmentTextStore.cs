namespace Commune.Storage.Postgres;

internal sealed class PostgresAttachmentTextStore(PostgresDatabase database) : IAttachmentTextStore
{
    public Task<bool> RecordAsync(Job job, string messageId, IReadOnlyList<ReadAttachment> files, CancellationToken cancellation) => database.TransactAsync(
        async session =>
        {
            // Document numbers are given in the order of commits, and no deletion comes in between.
            if (await session.LockOrganisationAsync(job.OrgId, 0, cancellation) is null
                || await session.ExecuteAsync("DELETE FROM jobs WHERE id = $1 AND lease = $2", cancellation, job.Id, job.Lease) == 0)
                return false;
            var documents = await session.QueryAsync(
                "SELECT document, parent FROM search_documents WHERE org_id = $1 AND message_id = $2",
                static row => (Number: row.GetInt64(0), Parent: row.GetInt64(1)), cancellation, job.OrgId, messageId);
            if (documents.Count != 1 || files.Count == 0)
                return true;
            await session.ExecuteAsync("DELETE FROM attachment_texts WHERE org_id = $1 AND message_id = $2", cancellation, job.OrgId, messageId);
            await session.ExecuteAsync(
                """
                INSERT INTO attachment_texts (org_id, message_id, attachment_id, text)
                SELECT $1, $2, k.id, k.text
                FROM unnest($3::text[], $4::text[]) AS k (id, text)
                """,
                cancellation, job.OrgId, messageId, files.Select(static file => file.AttachmentId).ToArray(),
                files.Select(static file => file.Text).ToArray());
            var last = (await session.QueryAsync(
                "UPDATE org_heads SET documents = documents + $2 WHERE org_id = $1 RETURNING documents",
                static row => row.GetInt64(0), cancellation, job.OrgId, (long)files.Count))[0];
            var numbers = Enumerable.Range(0, files.Count).Select(i => last - files.Count + 1 + i).ToArray();
            await session.ExecuteAsync(
                """
                INSERT INTO search_documents
                    (org_id, document, message_id, thread_id, inbox_id, at, length, has_attachment, model, vector, parent, attachment_id)
                SELECT $1, k.document, d.message_id, d.thread_id, d.inbox_id, d.at, k.length, 1, k.model, k.vector, d.document, k.attachment_id
                FROM unnest($3::bigint[], $4::integer[], $5::text[], $6::bytea[], $7::text[]) AS k (document, length, model, vector, attachment_id)
                JOIN search_documents d ON d.org_id = $1 AND d.document = $2
                """,
                cancellation, job.OrgId, documents[0].Number, numbers, files.Select(static file => file.Entry.Length).ToArray(),
                files.Select(static file => file.Entry.Model).ToArray(), files.Select(static file => file.Entry.Vector.ToArray()).ToArray(),
                files.Select(static file => file.AttachmentId).ToArray());
            await session.ExecuteAsync(
                PostgresSearchRow.InsertTail, cancellation, Enumerable.Repeat(job.OrgId, files.Count).ToArray(), numbers,
                files.Select(static file => file.Entry.Terms.ToArray()).ToArray());
            if (numbers.Any(static number => number % SearchBlocks.AskEvery == 0))
                await session.ExecuteAsync(
                    PostgresSearchRow.InsertJobs, cancellation, new[] { SearchBlocks.JobId(job.OrgId) }, JobKind.SearchIndex, new[] { job.OrgId });
            if (files.Any(static file => file.Entry.NeedsVector))
                await session.ExecuteAsync(
                    PostgresSearchRow.InsertJobs, cancellation, new[] { SearchBlocks.VectorJobId(job.OrgId) }, JobKind.EmbedMail, new[] { job.OrgId });
            return true;
        },
        cancellation);
}
