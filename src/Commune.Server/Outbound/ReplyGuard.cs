using Commune.Mail.AutoReply;
using Commune.Mail.Mime;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Outbound;

/// <summary>Keeps automatic answers from mail that must not get one (RFC 3834 §2): the other side may be a program too.</summary>
public sealed class ReplyGuard(IStore store, RawMessages rawMessages)
{
    /// <summary>How far back in a thread the mail that is answered is looked for.</summary>
    private const int LookedAt = 20;

    /// <exception cref="ApiException">409: the newest mail that came into the thread must not be answered by a program.</exception>
    public async Task CheckAsync(MailThread thread, Sender sender, CancellationToken cancellation)
    {
        var newest = await store.Messages.ListAsync(
            new MessageQuery(thread.OrgId, null, null, thread.Id, null, null, null, SortOrder.Descending, LookedAt, null), cancellation);
        if (newest.Items.FirstOrDefault(static m => m.Direction == "inbound") is not { } answered)
            return;
        if (answered.Participants.FirstOrDefault(static p => p.Role == "sender") is { } author && author.Identity == sender.Inbox.Address)
            throw Refuse("it came from this inbox itself");
        var verdict = await ClassifyAsync(answered, cancellation);
        if (verdict.MustNotBeAnswered)
            throw Refuse($"it is automatic itself ({verdict.Reason})");
    }

    /// <summary>Whether a program made the mail: such mail is no answer of the other side either.</summary>
    public async Task<AutomaticMailVerdict> ClassifyAsync(MailMessage message, CancellationToken cancellation)
    {
        var raw = await store.Messages.GetRawAsync(message.OrgId, message.Id, cancellation)
            ?? throw ApiException.NotFound("Message");
        var mail = MimeParser.Parse(await rawMessages.ReadAsync(raw, cancellation));
        // Our own trace header stands in front of whatever came (RFC 5321 §4.4).
        return AutomaticMail.Classify(mail, mail.Headers.GetUnfolded("Return-Path") ?? message.Participants[0].Identity);
    }

    private static ApiException Refuse(string why) => ApiException.Conflict(
        $"The newest mail of this thread must not be answered automatically: {why}. Send without auto_submitted only if a person asked for this answer",
        "automatic_reply_refused");
}
