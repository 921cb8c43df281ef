using System.Text;
using Commune.Mail.Mime;

namespace Commune.Mail.Reports;

/// <summary>The attachment of a mail that brings a DMARC aggregate report; <see cref="DmarcAggregateReport.Read(ReadOnlyMemory{byte}, DmarcReportLimits?)"/> reads it.</summary>
/// <param name="Content">Transfer encoding removed, still packed.</param>
public sealed record DmarcReportAttachment(MimePart Part, string? FileName, string MediaType, ReadOnlyMemory<byte> Content);

/// <summary>Mail as RFC 7489 §7.2.1.1 wants it, and as reporters send it.</summary>
public static class DmarcReportMail
{
    /// <summary>Null when the message brings no report. The bytes decide; file name and subject only tell a report's archive from any other.</summary>
    public static DmarcReportAttachment? Find(MimeMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var announced = IsReportSubject(message.Subject);
        foreach (var part in ReportParts.Of(message))
        {
            if (part.IsMultipart || !MayHold(part))
                continue;
            var content = part.DecodeBody();
            var name = part.FileName;
            var named = name is not null && IsReportName(name);
            var found = content.AsSpan() switch
            {
                [0x1F, 0x8B, ..] or [(byte)'P', (byte)'K', 3, 4, ..] => (announced || named) && !IsOtherReport(name),
                var xml => IsReportXml(xml),
            };
            if (found)
                return new DmarcReportAttachment(part, name, part.MediaType, content);
        }
        return null;
    }

    /// <summary><c>Report Domain: example.org Submitter: mail.example Report-ID: &lt;…&gt;</c>, with the liberties taken with it.</summary>
    public static bool IsReportSubject(string subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return subject.Contains("Report Domain:", StringComparison.OrdinalIgnoreCase)
            || (subject.Contains("Submitter", StringComparison.OrdinalIgnoreCase) && subject.Contains("Report-ID", StringComparison.OrdinalIgnoreCase))
            || (subject.Contains("DMARC", StringComparison.OrdinalIgnoreCase) && subject.Contains("report", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary><c>receiver!policy-domain!begin!end[!unique-id].xml[.gz]</c> or .zip.</summary>
    private static bool IsReportName(string name)
    {
        var stem = name.AsSpan();
        var extension = stem.IndexOf(".xml", StringComparison.OrdinalIgnoreCase);
        if (extension < 0)
            extension = stem.LastIndexOf('.');
        if (extension > 0)
            stem = stem[..extension];
        var fields = new Range[6];
        // A "!" does not survive every mail system: "_" has been seen in its place.
        foreach (var separator in "!_")
        {
            var count = stem.Split(fields, separator);
            if (count >= 4 && stem[fields[1]].Contains('.') && IsTime(stem[fields[2]]) && IsTime(stem[fields[3]]))
                return true;
        }
        return name.Contains("dmarc", StringComparison.OrdinalIgnoreCase) && name.Contains("report", StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsTime(ReadOnlySpan<char> text) => text.Length is >= 8 and <= 14 && !text.ContainsAnyExceptInRange('0', '9');

    /// <summary>SMTP TLS reports (RFC 8460 §5.3) come in the same wrapping.</summary>
    private static bool IsOtherReport(string? name) => name is not null && name.Contains(".json", StringComparison.OrdinalIgnoreCase);

    private static bool MayHold(MimePart part) => part.MediaType switch
    {
        "application/gzip" or "application/x-gzip" or "application/zip" or "application/x-zip" or "application/x-zip-compressed" or "application/octet-stream"
            or "application/xml" or "text/xml" or "application/x-gzip-compressed" or "application/gzip-compressed" or "application/x-compressed" or "multipart/x-zip" or "application/dmarc+xml" => true,
        // A wrong type with the right name.
        _ => part.FileName is { } name && (name.EndsWith(".xml", StringComparison.OrdinalIgnoreCase)
            || name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".zip", StringComparison.OrdinalIgnoreCase)),
    };

    private static bool IsReportXml(ReadOnlySpan<byte> content)
    {
        var start = content[..Math.Min(content.Length, 4096)];
        if (!start.Contains((byte)'<'))
            return false;
        var text = Encoding.Latin1.GetString(start);
        return (text.Contains("<feedback", StringComparison.OrdinalIgnoreCase) || text.Contains(":feedback", StringComparison.OrdinalIgnoreCase))
            && !text.Contains("<html", StringComparison.OrdinalIgnoreCase);
    }
}
