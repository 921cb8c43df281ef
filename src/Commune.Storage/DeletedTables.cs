namespace Commune.Storage;

/// <summary>How the rows of one table go when data is deleted. <c>{org}</c> and <c>{inbox}</c> stand for the values in the predicates.</summary>
/// <param name="Key">The primary key.</param>
internal sealed record DeletedTable(string Name, string Key)
{
    /// <summary>The rows of an organisation.</summary>
    public string Organization { get; init; } = "org_id = {org}";

    /// <summary>The rows that an inbox has besides those of its messages; null when there are none.</summary>
    public string? Inbox { get; init; }

    /// <summary>The column that names the message to which a row belongs. An index begins with org_id and this column.</summary>
    public string? Message { get; init; }

    /// <summary>The member of <see cref="DeletionCounts"/>.</summary>
    public string? CountedAs { get; init; }

    /// <summary>Gone as soon as the deletion is confirmed: what opens or feeds the organisation or inbox.</summary>
    public bool AtOnce { get; init; }

    /// <summary>What it says of an address outlives it as a keyed hash (<see cref="SuppressionHash"/>).</summary>
    public bool Hashed { get; init; }

    /// <summary>The key of a blob that the row needs, or null.</summary>
    public string? Blob { get; init; }
}

/// <summary>
/// Every table that holds data of an organisation. A table that is neither here nor in <see cref="Kept"/> fails a test: data would survive.
/// The messages themselves, their raw bytes, threads and Message-IDs have code of their own as well (MessageDeletion of each engine).
/// </summary>
internal static class DeletedTables
{
    /// <summary>The organisation that has the shared domain is the operator's: its row and that domain stay, other organisations live there.</summary>
    private const string NotTheOperators = "NOT EXISTS (SELECT 1 FROM domain_names s WHERE s.shared = 1 AND s.org_id = {org})";

    /// <summary>Of deliveries that tell of an event of the inbox that no message has.</summary>
    private const string OfInboxDelivery =
        "org_id = {org} AND message_id = '' AND delivery_id IN (SELECT d.id FROM webhook_deliveries d WHERE d.org_id = {org} AND d.inbox_id = {inbox})";

    /// <summary>In the order of deletion.</summary>
    public static IReadOnlyList<DeletedTable> All { get; } =
    [
        new("api_key_hashes", "hash") { AtOnce = true },
        new("api_keys", "org_id, id") { AtOnce = true, CountedAs = "api_keys" },
        new("agent_ids", "id") { AtOnce = true },
        new("agents", "org_id, id") { AtOnce = true },
        new("agent_timestamps", "agent_id, signed_at"),
        new("addresses", "domain_id, local_part") { AtOnce = true, Inbox = "org_id = {org} AND inbox_id = {inbox}" },
        new("domain_names", "name") { AtOnce = true, Organization = "org_id = {org} AND shared = 0" },
        new("messages", "org_id, id") { Inbox = "org_id = {org} AND inbox_id = {inbox}", CountedAs = "messages" },
        new("raw_messages", "org_id, id") { Blob = "CASE WHEN inline IS NULL THEN {hex:sha256} END" },
        new("attachments", "org_id, id") { Message = "message_id", CountedAs = "attachments", Blob = "blob_key" },
        new("attachment_texts", "org_id, message_id, attachment_id") { Message = "message_id" },
        new("recipients", "org_id, message_id, address") { Message = "message_id" },
        new("sent_states", "org_id, message_id") { Message = "message_id" },
        new("attempts", "org_id, message_id, id") { Message = "message_id" },
        new("scheduled_sends", "org_id, message_id") { Message = "message_id" },
        new("delivery_events", "org_id, message_id, id") { Message = "message_id", CountedAs = "delivery_events" },
        new("webhook_endpoints", "org_id, id") { AtOnce = true },
        new("webhook_attempts", "org_id, message_id, delivery_id, attempt") { Message = "message_id", Inbox = OfInboxDelivery },
        new("webhook_payloads", "org_id, message_id, delivery_id") { Message = "message_id", Inbox = OfInboxDelivery },
        new("webhook_deliveries", "org_id, id") { Message = "message_id", Inbox = "org_id = {org} AND inbox_id = {inbox}", CountedAs = "webhook_deliveries" },
        new("webhook_circuits", "org_id, key"),
        new("suppressions", "org_id, inbox_id, address") { Inbox = "org_id = {org} AND inbox_id = {inbox}", CountedAs = "suppressions", Hashed = true },
        new("sender_lists", "org_id, inbox_id") { Inbox = "org_id = {org} AND inbox_id = {inbox}" },
        new("soft_bounces", "org_id, inbox_id, address") { Inbox = "org_id = {org} AND inbox_id = {inbox}" },
        new("threads", "org_id, id") { Inbox = "org_id = {org} AND inbox_id = {inbox}", CountedAs = "threads" },
        new("thread_refs", "org_id, inbox_id, message_id") { Inbox = "org_id = {org} AND inbox_id = {inbox}" },
        new("events", "org_id, seq"),
        new("idempotency", "org_id, key"),
        new("sends", "org_id, second"),
        new("counted_sends", "org_id, counted, second"),
        new("sending_pauses", "org_id"),
        new("inboxes", "org_id, id") { Inbox = "org_id = {org} AND id = {inbox}", CountedAs = "inboxes" },
        new("dkim_keys", "org_id, domain_id, selector")
        {
            Organization = "org_id = {org} AND NOT EXISTS (SELECT 1 FROM domains d WHERE d.org_id = {org} AND d.id = domain_id AND d.shared = 1)",
        },
        new("domain_checks", "org_id, domain_id"),
        new("dmarc_rows", "org_id, dmarc_id, position"),
        new("dmarc_reports", "org_id, id") { CountedAs = "dmarc_reports" },
        new("domains", "org_id, id") { Organization = "org_id = {org} AND shared = 0", CountedAs = "domains" },
        new("feedback", "org_id, id"),
        new("extraction_backfills", "org_id, inbox_id") { Inbox = "org_id = {org} AND inbox_id = {inbox}" },
        new("model_spending", "org_id, day, work"),
        new("audit", "org_id, id"),
        new("jobs", "id"),
        // Behind the jobs: without its job nobody writes to an organisation's index.
        new("search_documents", "org_id, document"),
        new("search_tail", "org_id, document"),
        new("search_blocks", "org_id, segment, term"),
        new("search_segments", "org_id, segment"),
        new("search_deletions", "org_id, deletion"),
        new("search_backfill", "org_id"),
        new("search_vectors", "org_id, model, document"),
        new("search_vector_places", "org_id, model"),
        new("org_heads", "org_id") { Organization = "org_id = {org} AND " + NotTheOperators },
        new("orgs", "id") { Organization = "id = {org} AND " + NotTheOperators },
    ];

    /// <summary>Tables with org_id whose rows outlive a deletion, and why.</summary>
    public static IReadOnlyDictionary<string, string> Kept { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["suppression_hashes"] = "who wants no more mail: keyed hashes, no address; to forget them would be to mail those people again",
        ["search_mirrors"] = "numbers alone, by which the points in Qdrant are removed: each row goes when that is done",
        ["deletion_requests"] = "the receipt: counts, times and a hash, no mail and no address",
    };
}
