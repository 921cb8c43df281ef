using Commune.Storage;

namespace Commune.Server.Events;

/// <summary>Which events a reader wants: of one inbox or all, of some types or all.</summary>
internal sealed class EventFilter
{
    private const int MostTypes = 50;

    private readonly List<(EventPattern Wanted, string Asked)> types;
    private readonly string? inboxId;

    private EventFilter(List<(EventPattern Wanted, string Asked)> types, string? inboxId) => (this.types, this.inboxId) = (types, inboxId);

    /// <param name="text">
    /// Types separated by commas; <c>message.*</c> is all of a family, <c>*</c> or nothing is all. The hosted service's names stand for ours:
    /// <c>email.received</c>, <c>email.sent</c>… and <c>inbound</c>.
    /// </param>
    /// <param name="wrong">The type that cannot be read, when the result is null.</param>
    public static EventFilter? TryRead(string? text, string? inboxId, out string? wrong)
    {
        wrong = null;
        var read = new List<(EventPattern Wanted, string Asked)>();
        foreach (var asked in (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (read.Count == MostTypes || EventPattern.TryRead(asked) is not { } wanted)
            {
                wrong = asked;
                return null;
            }
            read.Add((wanted, asked));
        }
        return new EventFilter(read, inboxId);
    }

    public bool Takes(MailEvent entry) => (inboxId is null || entry.InboxId == inboxId) && (types.Count == 0 || Find(entry.Type) is not null);

    /// <summary>The name under which the event was asked for: whoever asks for <c>email.received</c> listens for that.</summary>
    public string NameOf(MailEvent entry) => Find(entry.Type) is { } asked && !asked.EndsWith('*') && asked != "inbound" ? asked : entry.Type;

    private string? Find(string type)
    {
        foreach (var (wanted, asked) in types)
        {
            if (wanted.Takes(type))
                return asked;
        }
        return null;
    }
}
