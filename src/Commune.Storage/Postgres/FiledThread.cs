namespace Commune.Storage.Postgres;

/// <summary>What a message brings to the thread that it joins.</summary>
internal sealed record ThreadMail(
    string InboxId, string DomainId, string Direction, string Subject, string SubjectKey, string Snippet, bool HasAttachments,
    IReadOnlyList<Participant> Participants)
{
    public static ThreadMail From(InboundMail mail, InboundDelivery delivery) => new(
        delivery.Route.InboxId, delivery.Route.DomainId, "inbound", mail.Subject, mail.SubjectKey, delivery.SnippetOf(mail), mail.Attachments.Count > 0,
        mail.Participants);

    public static ThreadMail From(OutboundMail mail) => new(
        mail.InboxId, mail.DomainId, "outbound", mail.Subject, mail.SubjectKey, mail.Snippet, mail.Attachments.Count > 0, mail.Participants);
}

/// <summary>A thread's row while a group works on it.</summary>
internal sealed class FiledThread
{
    /// <summary>A list to many strangers must not make the row grow for ever.</summary>
    private const int MostParticipants = 500;

    private readonly HashSet<string> known;
    private readonly List<string> participants;

    public FiledThread(IEnumerable<string> participants)
    {
        this.participants = [.. participants];
        known = new HashSet<string>(this.participants, StringComparer.Ordinal);
    }

    public required string OrgId { get; init; }
    public required string Id { get; init; }
    public required string InboxId { get; init; }
    public required string SubjectKey { get; init; }
    public required long FirstMessageAt { get; init; }
    public required long LastMessageAt { get; set; }
    public required int MessageCount { get; set; }
    public required bool HasAttachments { get; set; }

    /// <summary>Set when the thread begins in this group: its row is inserted, not updated.</summary>
    public (string ReplyToken, string DomainId, string Subject)? Beginning { get; init; }
    public string Snippet { get; private set; } = "";
    public string LastDirection { get; private set; } = "";
    public IReadOnlyList<string> Participants => participants;

    public bool Knows(string address) => known.Contains(address);

    public bool IsOlderThan(FiledThread other) =>
        FirstMessageAt != other.FirstMessageAt
            ? FirstMessageAt < other.FirstMessageAt
            : string.CompareOrdinal(Id, other.Id) < 0;

    public void Take(ThreadMail mail, long at)
    {
        MessageCount++;
        LastMessageAt = at;
        LastDirection = mail.Direction;
        Snippet = mail.Snippet;
        HasAttachments |= mail.HasAttachments;
        foreach (var participant in mail.Participants)
        {
            if (participants.Count < MostParticipants && participant.Identity.Length > 0 && known.Add(participant.Identity))
                participants.Add(participant.Identity);
        }
    }
}
