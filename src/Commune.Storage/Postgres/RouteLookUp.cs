namespace Commune.Storage.Postgres;

/// <summary>Where mail for an address goes: asked at every RCPT.</summary>
internal sealed class RouteLookUp(string domainName, string localPart) : LookUp<InboxRoute?>
{
    private InboxRoute? route;

    protected override InboxRoute? Found => route;

    public override void Read(PipelinedBatch reads, IReadOnlyList<LookUp> same)
    {
        // Under load most of those that gather are for few inboxes.
        var asked = same.Cast<RouteLookUp>().GroupBy(static one => one.Address).Select(static group => group.ToArray()).ToArray();
        reads.Read(
            """
            SELECT k.number, a.org_id, a.inbox_id, a.domain_id,
                EXISTS (SELECT 1 FROM sender_lists s WHERE s.org_id = a.org_id AND s.inbox_id = a.inbox_id),
                i.screening
            FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k (name, local_part, number)
            JOIN domain_names n ON n.name = k.name
            JOIN addresses a ON a.domain_id = n.domain_id AND a.local_part = k.local_part
            JOIN inboxes i ON i.org_id = a.org_id AND i.id = a.inbox_id
            WHERE a.active = 1
            """,
            row =>
            {
                var askers = asked[row.GetInt64(0) - 1];
                var (domainName, localPart) = askers[0].Address;
                var found = new InboxRoute(row.GetString(1), row.GetString(2), row.GetString(3), $"{localPart}@{domainName}")
                {
                    HasSenderLists = row.GetBoolean(4),
                    Screening = PostgresJson.ReadScreening(row.TextOrNull(5)),
                };
                foreach (var asker in askers)
                    asker.route = found;
            },
            Array.ConvertAll(asked, static askers => askers[0].Address.DomainName),
            Array.ConvertAll(asked, static askers => askers[0].Address.LocalPart));
    }

    private (string DomainName, string LocalPart) Address => (domainName, localPart);
}
