using Commune.Mail.AutoReply;
using Commune.Mail.Mime;
using Commune.Storage;

namespace Commune.Server.Outbound;

/// <summary>
/// Withdraws scheduled messages as soon as the other side writes. It runs after the reply is stored; should the program die between, the reply is
/// found when the message's time comes (<see cref="ReleaseScheduled"/>).
/// </summary>
internal sealed class AnsweredSchedules(IStore store, TimeProvider time)
{
    public async Task TellAsync(
        InboundMail mail, IReadOnlyList<AcceptedDelivery> stored, MimeMessage message, string envelopeSender, CancellationToken cancellation)
    {
        for (var i = 0; i < stored.Count; i++)
        {
            // A thread that begins with this mail has nothing that waits.
            if (stored[i].InboxGone || mail.Deliveries[i].IsKeptBack || stored[i].ThreadId == mail.Deliveries[i].NewThreadId)
                continue;
            var orgId = mail.Deliveries[i].Route.OrgId;
            var waiting = await store.Scheduled.FindCancelledByReplyAsync(orgId, stored[i].ThreadId, cancellation);
            if (waiting.Count == 0 || AutomaticMail.Classify(message, envelopeSender).MustNotBeAnswered)
                continue;
            foreach (var messageId in waiting)
                await store.Scheduled.CancelAsync(orgId, messageId, ReleaseScheduled.AnsweredReason, time.GetUtcNow().ToUnixTimeMilliseconds(), cancellation);
        }
    }
}
