using Npgsql;

namespace Commune.Storage.Postgres;

/// <summary>One connection with, perhaps, its open transaction. Parameters are positional: <c>$1</c> is the first value.</summary>
internal sealed class PostgresSession(
    NpgsqlConnection connection, NpgsqlTransaction? transaction = null, WebhookSubscriptions? subscriptions = null)
{
    public async Task<List<T>> QueryAsync<T>(
        string sql, Func<NpgsqlDataReader, T> map, CancellationToken cancellation, params object?[] values)
    {
        await using var command = Command(sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation))
            rows.Add(map(reader));
        return rows;
    }

    /// <summary>Reads rows as long as <paramref name="take"/> wants them; the rest are not sent.</summary>
    public async Task QueryWhileAsync(string sql, Func<NpgsqlDataReader, bool> take, CancellationToken cancellation, params object?[] values)
    {
        await using var command = Command(sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            if (take(reader))
                continue;
            command.Cancel();
            return;
        }
    }

    /// <summary>Reads every row as it comes, without keeping any.</summary>
    public async Task ReadAsync(string sql, Action<NpgsqlDataReader> take, CancellationToken cancellation, params object?[] values)
    {
        await using var command = Command(sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            take(reader);
    }

    /// <summary>The first row, or null.</summary>
    public async Task<T?> FindAsync<T>(
        string sql, Func<NpgsqlDataReader, T> map, CancellationToken cancellation, params object?[] values) where T : class
    {
        await using var command = Command(sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? map(reader) : null;
    }

    /// <summary>True when the query gives a row.</summary>
    public async Task<bool> ExistsAsync(string sql, CancellationToken cancellation, params object?[] values)
    {
        await using var command = Command(sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation);
    }

    /// <summary>For statements that go to the server together.</summary>
    public PipelinedBatch Pipeline() => new(connection, transaction);

    /// <summary>How many rows were changed.</summary>
    public async Task<int> ExecuteAsync(string sql, CancellationToken cancellation, params object?[] values)
    {
        await using var command = Command(sql, values);
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>
    /// Takes the organisation's row and holds it until the transaction ends (see <see cref="OrgHead"/>); null when there is no such organisation.
    /// </summary>
    public Task<OrgHead?> LockOrganisationAsync(string orgId, long atLeast, CancellationToken cancellation) =>
        FindAsync(
            "SELECT event_seq, clock, documents, endpoints FROM org_heads WHERE org_id = $1 FOR UPDATE",
            reader => OrgHead.Held(orgId, reader.GetInt64(0), reader.GetInt64(1), atLeast, reader.GetInt64(2), reader.GetInt64(3)),
            cancellation, orgId);

    /// <summary>The organisation whose log grew, if one did: a transaction holds one row only.</summary>
    public string? Appended { get; private set; }

    /// <summary>Appends to the log of an organisation whose row this transaction holds, and owes the calls to those of its endpoints that want the event.</summary>
    public async Task AppendAsync(OrgHead head, MailEvent entry, CancellationToken cancellation, EventAudience audience = default)
    {
        Appended = head.OrgId;
        await ExecuteAsync(
            "INSERT INTO events (org_id, seq, type, at, inbox_id, thread_id, message_id, data) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            cancellation, entry.OrgId, entry.Sequence, entry.Type, entry.At, entry.InboxId, entry.ThreadId, entry.MessageId, entry.Data);
        await ExecuteAsync(
            "UPDATE org_heads SET event_seq = $2, clock = $3 WHERE org_id = $1", cancellation, head.OrgId, head.Sequence, head.Now);
        if (head.Endpoints != 0 && !audience.Nobody)
            await TellAsync(head, entry, audience, cancellation);
    }

    private async Task TellAsync(OrgHead head, MailEvent entry, EventAudience audience, CancellationToken cancellation)
    {
        var active = await PostgresWebhookEndpointStore.SubscriptionsAsync(this, subscriptions!, head, cancellation);
        var told = false;
        foreach (var subscription in active)
        {
            if (!audience.Takes(subscription) || !subscription.Wants(entry.Type, entry.InboxId))
                continue;
            var delivery = WebhookDelivery.Of(entry, subscription);
            await WebhookRow.OweAsync(this, delivery, cancellation);
            await WebhookRow.AddJobAsync(this, delivery.Job(head.Asked), cancellation);
            told = true;
        }
        if (told)
            await ExecuteAsync(JobListener.Announcement, cancellation, JobKind.Webhook);
    }

    /// <summary>Every value goes through here: what PostgreSQL cannot store as text is replaced.</summary>
    public static NpgsqlParameter Parameter(object? value) => new()
    {
        Value = value switch
        {
            null => DBNull.Value,
            string text => PostgresText.Storable(text),
            string?[] texts => Array.ConvertAll(texts, static text => text is null ? null : PostgresText.Storable(text)),
            _ => value,
        },
    };

    private NpgsqlCommand Command(string sql, object?[] values)
    {
        var command = new NpgsqlCommand(sql, connection, transaction);
        foreach (var value in values)
            command.Parameters.Add(Parameter(value));
        return command;
    }
}

internal static class PostgresReading
{
    public static string? TextOrNull(this NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    public static long? LongOrNull(this NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);

    public static int? IntOrNull(this NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt32(column);
}
