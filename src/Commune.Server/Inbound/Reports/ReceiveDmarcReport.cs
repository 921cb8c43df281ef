using Commune.Mail.Mime;
using Commune.Mail.Reports;
using Commune.Mail.Smtp;
using Commune.Server.Domains;
using Commune.Storage;

namespace Commune.Server.Inbound.Reports;

/// <summary>
/// Takes the DMARC aggregate reports that are mailed to the address which the issued DMARC records name (<see cref="DomainRecords.DmarcLocalPart"/>).
/// They are listed by <c>GET /v1/dmarc/reports</c> like those that come by API; anything else is refused there, in the dialogue.
/// </summary>
internal sealed class ReceiveDmarcReport(IStore store, KeepDmarcReport keep)
{
    /// <summary>The domain whose report address this is; null for every other address.</summary>
    public async Task<Domain?> FindAsync(string asciiDomain, string localPart, CancellationToken cancellation) =>
        localPart.Equals(DomainRecords.DmarcLocalPart, StringComparison.OrdinalIgnoreCase) ? await store.Domains.FindVerifiedAsync(asciiDomain, cancellation) : null;

    /// <summary>Keeps the report that the message brings; a message that comes again takes the place of the first.</summary>
    /// <param name="content">The message as it came.</param>
    public async Task<SmtpReply> TakeAsync(Domain domain, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        if (DmarcReportMail.Find(MimeParser.Parse(content)) is not { } attachment)
            return Refused("This address takes DMARC aggregate reports only");
        var read = DmarcAggregateReport.Read(attachment.Content);
        if (read.Report is not { } report)
            return Refused(read.Reason!);
        if (!KeepDmarcReport.IsAbout(report, domain.Name))
            return Refused($"The report is not about {domain.Name}");
        var kept = await keep.KeepAsync(domain.OrgId, report, domain, cancellation);
        return new SmtpReply(250, new EnhancedStatusCode(2, 0, 0), "Report kept as " + kept.Id);
    }

    // RFC 3463 §3.7: media not supported.
    private static SmtpReply Refused(string why) => new(550, new EnhancedStatusCode(5, 6, 1), why);
}
