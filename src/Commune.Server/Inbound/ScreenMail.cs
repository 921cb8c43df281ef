using Commune.Ai.Screening;
using Commune.Mail.Mime;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Inbound;

/// <summary>What screening found in a received mail, and what the settings of an inbox make of it.</summary>
internal sealed record MailScreening(SpamVerdict Spam, InjectionVerdict Injection)
{
    /// <summary>Why the inbox refuses the mail; null when it does not.</summary>
    public string? RefusedBy(ScreeningSetting? setting) =>
        Spam.Score >= setting?.SpamReject ? "spam" : Injection.Score >= setting?.InjectionReject ? "prompt injection" : null;

    public bool IsHeldBy(ScreeningSetting? setting) =>
        Spam.Score >= setting?.SpamQuarantine || Injection.Score >= setting?.InjectionQuarantine || RefusedBy(setting) is not null;
}

/// <summary>
/// Screens a mail at the door (docs/screening.md). It only advises, unless an inbox has settings. A defect of ours must never cost the mail: then it is
/// stored without a verdict, and says so.
/// </summary>
internal sealed partial class ScreenMail(IStore store, ScreeningOptions options, ILogger<ScreenMail> log)
{
    /// <summary>Only where the mail itself leaves it open does it matter who wrote before.</summary>
    private const double Doubtful = 0.3;
    private const int Remembered = 20;

    /// <returns>Null when screening failed, or when nobody asks for it and it is not to advise.</returns>
    public async Task<MailScreening?> RunAsync(
        MimeMessage message, MessageContent content, SenderEvidence evidence, IReadOnlyList<RecipientInbox> inboxes, CancellationToken cancellation)
    {
        if (!options.Advisory && inboxes.All(static inbox => inbox.Route.Screening is null))
            return null;
        try
        {
            var mail = ScreenedMail.Of(message, content);
            var (spam, injection) = MailScreen.Run(mail, evidence);
            if (spam.Score >= Doubtful && inboxes.Count > 0 && mail.Sender.Length > 0)
                spam = SpamScreen.Run(mail, await WithHistoryAsync(evidence, inboxes[0].Route, mail.Sender, cancellation));
            return new MailScreening(spam, injection);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogFailure(log, error);
            return null;
        }
    }

    private async Task<SenderEvidence> WithHistoryAsync(SenderEvidence evidence, InboxRoute route, string sender, CancellationToken cancellation)
    {
        // A name in From proves nothing about who wrote before.
        if (evidence.Dmarc is not (null or "pass"))
            return evidence;
        var earlier = await store.Messages.ListAsync(
            new MessageQuery(route.OrgId, route.InboxId, null, null, sender, null, null, SortOrder.Descending, Remembered, null), cancellation);
        if (earlier.Items.Count == 0)
            return evidence;
        var thread = await store.Messages.ListAsync(
            new MessageQuery(route.OrgId, route.InboxId, null, earlier.Items[0].ThreadId, null, null, null, SortOrder.Descending, Remembered, null), cancellation);
        return evidence with
        {
            Received = earlier.Items.Count,
            Flagged = earlier.Items.Count(static message => ScreeningMetadata.Read(message.Metadata) is { SpamFlagged: true }),
            SentTo = thread.Items.Count(static message => message.Direction == "outbound"),
        };
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The screening of a message failed; it is taken without a verdict")]
    private static partial void LogFailure(ILogger log, Exception error);
}
