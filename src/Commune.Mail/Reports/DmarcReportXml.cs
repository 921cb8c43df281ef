using System.Globalization;
using System.Text;
using System.Xml;
using static Commune.Mail.Reports.DmarcReportValues;

namespace Commune.Mail.Reports;

/// <summary>
/// Reads the XML of RFC 7489 appendix C in one pass, by local names: namespaces, the order of elements and unknown ones do not matter.
/// </summary>
internal sealed class DmarcReportXml
{
    private const int MostResults = 100;

    private readonly ReportXmlReader _xml;
    private readonly DmarcReportLimits _limits;
    private readonly List<DmarcReportRecord> _records = [];
    private DmarcReportResult? _failure;

    private string _reportId = "";
    private string _orgName = "";
    private string _email = "";
    private string? _extraContact;
    private DateTimeOffset? _begin;
    private DateTimeOffset? _end;
    private DmarcPublishedPolicy? _policy;

    private DmarcReportXml(ReportXmlReader xml, DmarcReportLimits limits)
    {
        _xml = xml;
        _limits = limits;
    }

    public static DmarcReportResult Read(byte[] xml, DmarcReportLimits limits)
    {
        // Some reporters send a line break before the declaration, which XML forbids.
        var start = xml.AsSpan().IndexOfAnyExcept(" \t\r\n"u8);
        if (start < 0)
            return NotAReport("The report is empty.");
        var settings = new XmlReaderSettings
        {
            // Entities are how XML reads files, calls hosts and fills memory; a report needs none.
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = limits.MaxUnpacked,
            MaxCharactersFromEntities = 1,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            CheckCharacters = false,
        };
        try
        {
            using var stream = new MemoryStream(xml, start, xml.Length - start, writable: false);
            using var reader = XmlReader.Create(stream, settings);
            return new DmarcReportXml(new ReportXmlReader(reader), limits).ReadDocument();
        }
        catch (XmlException fault)
        {
            return NotAReport(string.Create(CultureInfo.InvariantCulture, $"The XML is not well-formed, or has a DTD (line {fault.LineNumber}, column {fault.LinePosition})."));
        }
        catch (Exception fault) when (fault is DecoderFallbackException or ArgumentException or NotSupportedException)
        {
            return NotAReport("The XML declares an encoding that does not fit its bytes.");
        }
    }

    private DmarcReportResult ReadDocument()
    {
        if (!_xml.IsRoot("feedback"))
            return NotAReport("The root element is not feedback (RFC 7489 appendix C).");
        foreach (var name in _xml.Children())
        {
            if (name == "report_metadata")
                ReadMetadata();
            else if (name == "policy_published")
                ReadPolicy();
            else if (name == "record")
                ReadRecord();
            if (_failure is not null)
                return _failure;
        }
        // What follows must be well-formed too: a document that was cut off is not taken for a whole one.
        while (_xml.Advance())
        {
        }
        return _xml.IsTooDeep ? NotAReport("The XML is nested more deeply than a report ever is.") : Finish();
    }

    private DmarcReportResult Finish()
    {
        if (_reportId.Length == 0)
            return NotAReport("report_metadata has no report_id.");
        if (_policy is not { Domain.Length: > 0 })
            return NotAReport("policy_published has no domain.");
        if ((_begin ?? _end) is not { } begin || (_end ?? _begin) is not { } end)
            return NotAReport("report_metadata has no date_range that can be read.");
        return new DmarcReportResult
        {
            Report = new DmarcAggregateReport
            {
                ReportId = _reportId,
                OrgName = _orgName,
                Email = _email,
                ExtraContactInfo = _extraContact,
                Begin = begin <= end ? begin : end,
                End = begin <= end ? end : begin,
                Policy = _policy,
                Records = _records,
            },
        };
    }

    private void ReadMetadata()
    {
        foreach (var name in _xml.Children())
        {
            switch (name)
            {
                case "org_name":
                    _orgName = _xml.Text();
                    break;
                case "email":
                    _email = _xml.Text();
                    break;
                case "extra_contact_info":
                    _extraContact = _xml.Text();
                    break;
                case "report_id":
                    // Some wrap a message identifier's brackets around it.
                    _reportId = _xml.Text().Trim('<', '>', ' ');
                    break;
                case "date_range":
                    foreach (var bound in _xml.Children())
                    {
                        if (bound == "begin")
                            _begin = Time(_xml.Text());
                        else if (bound == "end")
                            _end = Time(_xml.Text());
                    }
                    break;
            }
        }
    }

    private void ReadPolicy()
    {
        string domain = "", p = "", sp = "", adkim = "", aspf = "", pct = "";
        string? fo = null;
        foreach (var name in _xml.Children())
        {
            switch (name)
            {
                case "domain":
                    domain = Domain(_xml.Text());
                    break;
                case "p":
                    p = _xml.Text();
                    break;
                case "sp":
                    sp = _xml.Text();
                    break;
                case "adkim":
                    adkim = _xml.Text();
                    break;
                case "aspf":
                    aspf = _xml.Text();
                    break;
                case "pct":
                    pct = _xml.Text();
                    break;
                case "fo":
                    fo = _xml.Text() is { Length: > 0 } options ? options : null;
                    break;
            }
        }
        p = Disposition(p, "none");
        _policy = new DmarcPublishedPolicy(domain, Alignment(adkim), Alignment(aspf), p, Disposition(sp, p), Percentage(pct), fo);
    }

    private void ReadRecord()
    {
        if (_records.Count >= _limits.MaxRecords)
        {
            _failure = DmarcReportResult.Failed(DmarcReportFailure.TooLarge, $"The report has more than {_limits.MaxRecords} records.");
            return;
        }
        var record = new DmarcReportRecord { SourceIp = "", Count = 0, Disposition = "none", Dkim = "fail", Spf = "fail", HeaderFrom = "" };
        foreach (var name in _xml.Children())
        {
            record = name switch
            {
                "row" => ReadRow(record),
                // Drafts before the RFC called them identities.
                "identifiers" or "identities" => ReadIdentifiers(record),
                "auth_results" => ReadAuthResults(record),
                _ => record,
            };
        }
        _records.Add(record);
    }

    private DmarcReportRecord ReadRow(DmarcReportRecord record)
    {
        foreach (var name in _xml.Children())
        {
            record = name switch
            {
                "source_ip" => record with { SourceIp = Address(_xml.Text()) },
                "count" => record with { Count = Count(_xml.Text()) },
                "policy_evaluated" => ReadEvaluation(record),
                _ => record,
            };
        }
        return record;
    }

    private DmarcReportRecord ReadEvaluation(DmarcReportRecord record)
    {
        var reasons = new List<DmarcOverrideReason>();
        foreach (var name in _xml.Children())
        {
            switch (name)
            {
                case "disposition":
                    record = record with { Disposition = Disposition(_xml.Text(), "none") };
                    break;
                case "dkim":
                    record = record with { Dkim = PassOrFail(_xml.Text()) };
                    break;
                case "spf":
                    record = record with { Spf = PassOrFail(_xml.Text()) };
                    break;
                case "reason" when reasons.Count < MostResults:
                    string type = "", comment = "";
                    foreach (var detail in _xml.Children())
                    {
                        if (detail == "type")
                            type = _xml.Text().ToLowerInvariant();
                        else if (detail == "comment")
                            comment = _xml.Text();
                    }
                    if (type.Length + comment.Length > 0)
                        reasons.Add(new DmarcOverrideReason(type.Length > 0 ? type : "other", comment.Length > 0 ? comment : null));
                    break;
            }
        }
        return record with { Reasons = reasons };
    }

    private DmarcReportRecord ReadIdentifiers(DmarcReportRecord record)
    {
        foreach (var name in _xml.Children())
        {
            record = name switch
            {
                "header_from" => record with { HeaderFrom = Domain(_xml.Text()) },
                "envelope_from" => record with { EnvelopeFrom = Domain(_xml.Text()) },
                "envelope_to" => record with { EnvelopeTo = Domain(_xml.Text()) },
                _ => record,
            };
        }
        return record;
    }

    private DmarcReportRecord ReadAuthResults(DmarcReportRecord record)
    {
        var dkim = new List<DmarcDkimResult>();
        var spf = new List<DmarcSpfResult>();
        foreach (var method in _xml.Children())
        {
            if (method is not ("dkim" or "spf") || dkim.Count + spf.Count >= MostResults)
                continue;
            string domain = "", result = "";
            string? selector = null, scope = null, human = null;
            foreach (var name in _xml.Children())
            {
                switch (name)
                {
                    case "domain":
                        domain = Domain(_xml.Text());
                        break;
                    case "result":
                        result = _xml.Text().ToLowerInvariant();
                        break;
                    case "selector":
                        selector = _xml.Text() is { Length: > 0 } s ? s : null;
                        break;
                    case "scope":
                        scope = _xml.Text() is { Length: > 0 } o ? o.ToLowerInvariant() : null;
                        break;
                    case "human_result":
                        human = _xml.Text() is { Length: > 0 } h ? h : null;
                        break;
                }
            }
            if (domain.Length + result.Length == 0)
                continue;
            result = result.Length == 0 ? "none" : result;
            if (method == "dkim")
                dkim.Add(new DmarcDkimResult(domain, selector, result, human));
            else
                spf.Add(new DmarcSpfResult(domain, scope, result));
        }
        return record with { DkimResults = dkim, SpfResults = spf };
    }

    private static DmarcReportResult NotAReport(string reason) => DmarcReportResult.Failed(DmarcReportFailure.NotAReport, reason);
}
