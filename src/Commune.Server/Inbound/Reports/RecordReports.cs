using System.Security.Cryptography;
using Commune.Mail.Addresses;
using Commune.Mail.AutoReply;
using Commune.Mail.Mime;
using Commune.Server.Outbound;
using Commune.Storage;

namespace Commune.Server.Inbound.Reports;

/// <summary>
/// Reads what comes back and records it with the message it is about (docs/decisions/0007). It runs after the mail is stored and before its 250: a crash
/// in between makes the sender repeat, which stores nothing twice and records nothing twice.
/// </summary>
internal sealed class RecordReports(IStore store, ReturnPaths returnPaths, TimeProvider time)
{
    /// <summary>A report about more recipients than any send of ours can have is read that far.</summary>
    private const int MostRecipients = 200;

    /// <summary>True when something was recorded.</summary>
    public async Task<bool> RunAsync(MimeMessage message, ReceivedMail received, IReadOnlyList<RecipientInbox> inboxes, CancellationToken cancellation)
    {
        if (!MayBeReport(message, received, inboxes) || ReturnedReport.Read(message) is not { Recipients.Count: > 0 } report)
            return false;
        var recorded = false;
        foreach (var subject in await SubjectsAsync(message, received, inboxes, report, cancellation))
        {
            foreach (var (recipient, said) in Match(subject, report))
            {
                if (!subject.IsSealed && said.Kind != DeliveryReportKind.Complained && !IsFromHostOf(recipient, received))
                    continue;
                recorded |= await store.DeliveryReports.RecordReportAsync(
                    new DeliveryReport
                    {
                        OrgId = subject.Message.OrgId,
                        MessageId = subject.Message.MessageId,
                        Recipient = recipient,
                        Kind = said.Kind,
                        Code = said.Code,
                        Detail = said.Detail,
                        BounceClass = said.Class,
                        ReportId = ReportId(message, received),
                        At = time.GetUtcNow().ToUnixTimeMilliseconds(),
                    },
                    cancellation);
            }
        }
        return recorded;
    }

    /// <summary>Quick, since every mail that comes in is asked.</summary>
    private static bool MayBeReport(MimeMessage message, ReceivedMail received, IReadOnlyList<RecipientInbox> inboxes) =>
        received.EnvelopeSender.Length == 0 || IsReport(message) || inboxes.Any(static inbox => inbox.About is not null)
        || message.Root.Children.Any(static part => part.MediaType == "message/rfc822");

    /// <summary>
    /// Whoever has seen the mail knows its Message-ID: without our seal it takes a null sender (RFC 3464 §2) or a daemon's, and proof that the report comes
    /// from where the recipient is. A complaint has the sender of the mailbox provider.
    /// </summary>
    private static bool IsFromHostOf(string recipient, ReceivedMail received) =>
        (received.EnvelopeSender.Length == 0 || AutomaticSender.IsProgram(received.EnvelopeSender))
        && received.ProvenDomains.Any(domain => SenderIdentity.IsAligned(domain, recipient[(recipient.LastIndexOf('@') + 1)..]));

    private static bool IsReport(MimeMessage message) => message.Root.MediaType == "multipart/report";

    /// <summary>
    /// The messages that the report is about, by the surest sign there is: the return path it came to; a return path that it quotes; else, of the
    /// organisations whose inboxes got it, the message with the Message-ID it names. Only the first two carry our seal, so they alone reach
    /// beyond the inbox's organisation and stand for a recipient who is not named.
    /// </summary>
    private async Task<IReadOnlyList<ReportSubject>> SubjectsAsync(
        MimeMessage message, ReceivedMail received, IReadOnlyList<RecipientInbox> inboxes, ReturnedReport report, CancellationToken cancellation)
    {
        if (inboxes.Select(static inbox => inbox.About).OfType<ReportSubject>().ToList() is { Count: > 0 } addressed)
            return addressed;
        foreach (var address in report.ReturnPaths)
        {
            if (await returnPaths.ReadAsync(address, cancellation) is { } path
                && await store.DeliveryReports.FindByIdPrefixAsync(path.OrgId, path.MessagePrefix, cancellation) is { } quoted)
                return [new ReportSubject(quoted, path.RecipientTag, IsSealed: true)];
        }
        // Anybody may write to an inbox: without our seal it must at least look like what a mail system writes.
        if (report.OriginalMessageId is null || (received.EnvelopeSender.Length > 0 && !IsReport(message)))
            return [];
        var named = new List<ReportSubject>();
        foreach (var orgId in inboxes.Select(static inbox => inbox.Route.OrgId).Distinct(StringComparer.Ordinal))
        {
            if (await store.DeliveryReports.FindByMessageIdAsync(orgId, report.OriginalMessageId, cancellation) is { } found)
                named.Add(new ReportSubject(found, null, IsSealed: false));
        }
        return named;
    }

    /// <summary>Pairs what the report says with the addresses that the message was sent to.</summary>
    private static IEnumerable<(string Recipient, ReportedRecipient Said)> Match(ReportSubject subject, ReturnedReport report)
    {
        var sent = subject.Message.Recipients;
        var only = subject.RecipientTag is { } tag ? sent.FirstOrDefault(address => ReturnPaths.TagOf(address) == tag)
            : subject.IsSealed && sent.Count == 1 ? sent[0] : null;
        if (only is not null)
        {
            // The envelope had one recipient, whatever the mail was forwarded to; an alias that reached some of its members was no failure.
            var said = report.Recipients.FirstOrDefault(one => Names(one, only)) ?? (report.Recipients.Count == 1 ? report.Recipients[0] : null);
            return said is null ? [] : [(only, said)];
        }
        return from one in report.Recipients.Take(MostRecipients)
               let address = sent.FirstOrDefault(address => Names(one, address))
               where address is not null
               select (address, one);
    }

    private static bool Names(ReportedRecipient said, string address) => IsSame(said.Address, address) || IsSame(said.FinalAddress, address);

    private static bool IsSame(string? reported, string address)
    {
        if (reported is null)
            return false;
        var at = reported.LastIndexOf('@');
        // RFC 6533: a report may spell the domain in Unicode.
        var ascii = at < 0 ? reported : $"{reported[..at]}@{new Mailbox(null, reported[..at], reported[(at + 1)..]).AsciiDomain}";
        return string.Equals(ascii, address, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Equal for a report that is sent again.</summary>
    private static string ReportId(MimeMessage message, ReceivedMail received)
    {
        var bytes = message.MessageId is { } id ? System.Text.Encoding.UTF8.GetBytes(id) : received.Bytes.Span[received.TraceLength..];
        return Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 16));
    }
}

/// <summary>The message that a report is about.</summary>
/// <param name="RecipientTag">See <see cref="ReturnPath.RecipientTag"/>.</param>
/// <param name="IsSealed">Known by a return path of ours, not only by a Message-ID, which every recipient knows.</param>
internal sealed record ReportSubject(ReportedMessage Message, string? RecipientTag, bool IsSealed);
