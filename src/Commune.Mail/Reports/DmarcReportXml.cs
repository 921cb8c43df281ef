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
    private const int DeepestElement = 100;
    private const int LongestText = 1000;
    private const int MostResults = 100;

    private readonly XmlReader _reader;
    private readonly DmarcReportLimits _limits;
    private readonly StringBuilder _text = new();
    private readonly List<DmarcReportRecord> _records = [];
    private DmarcReportResult? _failure;

    private string _reportId = "";
    private string _orgName = "";
    private string _email = "";
    private string? _extraContact;
    private DateTimeOffset? _begin;
    private DateTimeOffset? _end;
    private DmarcPublishedPolicy? _policy;

    private DmarcReportXml(XmlReader reader, DmarcReportLimits limits)
    {
        _reader = reader;
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
            return new DmarcReportXml(reader, limits).ReadDocument();
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
        _reader.MoveToContent();
        if (_reader.NodeType != XmlNodeType.Element || !Is("feedback"))
            return NotAReport("The root element is not feedback (RFC 7489 appendix C).");
        var root = _reader.Depth;
        for (var more = !_reader.IsEmptyElement; more && NextChild(root);)
        {
            if (Is("report_metadata"))
                ReadMetadata();
            else if (Is("policy_published"))
                ReadPolicy();
            else if (Is("record"))
                ReadRecord();
        }
        // What follows must be well-formed too: a document that was cut off is not taken for a whole one.
        while (_failure is null && Advance())
        {
        }
        return _failure ?? Finish();
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
        foreach (var name in Children())
        {
            switch (name)
            {
                case "org_name":
                    _orgName = Text();
                    break;
                case "email":
                    _email = Text();
                    break;
                case "extra_contact_info":
                    _extraContact = Text();
                    break;
                case "report_id":
                    // Some wrap a message identifier's brackets around it.
                    _reportId = Text().Trim('<', '>', ' ');
                    break;
                case "date_range":
                    foreach (var bound in Children())
                    {
                        if (bound == "begin")
                            _begin = Time(Text());
                        else if (bound == "end")
                            _end = Time(Text());
                    }
                    break;
            }
        }
    }

    private void ReadPolicy()
    {
        string domain = "", p = "", sp = "", adkim = "", aspf = "", pct = "";
        string? fo = null;
        foreach (var name in Children())
        {
            switch (name)
            {
                case "domain":
                    domain = Domain(Text());
                    break;
                case "p":
                    p = Text();
                    break;
                case "sp":
                    sp = Text();
                    break;
                case "adkim":
                    adkim = Text();
                    break;
                case "aspf":
                    aspf = Text();
                    break;
                case "pct":
                    pct = Text();
                    break;
                case "fo":
                    fo = Text() is { Length: > 0 } options ? options : null;
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
        foreach (var name in Children())
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
        foreach (var name in Children())
        {
            record = name switch
            {
                "source_ip" => record with { SourceIp = Address(Text()) },
                "count" => record with { Count = Count(Text()) },
                "policy_evaluated" => ReadEvaluation(record),
                _ => record,
            };
        }
        return record;
    }

    private DmarcReportRecord ReadEvaluation(DmarcReportRecord record)
    {
        var reasons = new List<DmarcOverrideReason>();
        foreach (var name in Children())
        {
            switch (name)
            {
                case "disposition":
                    record = record with { Disposition = Disposition(Text(), "none") };
                    break;
                case "dkim":
                    record = record with { Dkim = PassOrFail(Text()) };
                    break;
                case "spf":
                    record = record with { Spf = PassOrFail(Text()) };
                    break;
                case "reason" when reasons.Count < MostResults:
                    string type = "", comment = "";
                    foreach (var detail in Children())
                    {
                        if (detail == "type")
                            type = Text().ToLowerInvariant();
                        else if (detail == "comment")
                            comment = Text();
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
        foreach (var name in Children())
        {
            record = name switch
            {
                "header_from" => record with { HeaderFrom = Domain(Text()) },
                "envelope_from" => record with { EnvelopeFrom = Domain(Text()) },
                "envelope_to" => record with { EnvelopeTo = Domain(Text()) },
                _ => record,
            };
        }
        return record;
    }

    private DmarcReportRecord ReadAuthResults(DmarcReportRecord record)
    {
        var dkim = new List<DmarcDkimResult>();
        var spf = new List<DmarcSpfResult>();
        foreach (var method in Children())
        {
            if (method is not ("dkim" or "spf") || dkim.Count + spf.Count >= MostResults)
                continue;
            string domain = "", result = "";
            string? selector = null, scope = null, human = null;
            foreach (var name in Children())
            {
                switch (name)
                {
                    case "domain":
                        domain = Domain(Text());
                        break;
                    case "result":
                        result = Text().ToLowerInvariant();
                        break;
                    case "selector":
                        selector = Text() is { Length: > 0 } s ? s : null;
                        break;
                    case "scope":
                        scope = Text() is { Length: > 0 } o ? o.ToLowerInvariant() : null;
                        break;
                    case "human_result":
                        human = Text() is { Length: > 0 } h ? h : null;
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

    /// <summary>The names of the elements inside the current one, lower case; the reader stands on each. Deeper ones are passed over.</summary>
    private IEnumerable<string> Children()
    {
        var depth = _reader.Depth;
        if (_reader.IsEmptyElement)
            yield break;
        while (NextChild(depth))
            yield return _reader.LocalName.ToLowerInvariant();
    }

    private bool NextChild(int parentDepth)
    {
        while (Advance())
        {
            if (_reader.Depth <= parentDepth)
                return false;
            if (_reader.NodeType == XmlNodeType.Element && _reader.Depth == parentDepth + 1)
                return true;
        }
        return false;
    }

    /// <summary>The text inside the current element, its white space trimmed.</summary>
    private string Text()
    {
        if (_reader.IsEmptyElement)
            return "";
        var depth = _reader.Depth;
        _text.Clear();
        while (Advance() && _reader.Depth > depth)
        {
            if (_reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace && _text.Length <= LongestText)
                _text.Append(_reader.Value.AsSpan(0, Math.Min(_reader.Value.Length, 2 * LongestText)));
        }
        var text = _text.ToString().Trim();
        return Mime.Charsets.Clean(text.Length <= LongestText ? text : text[..LongestText]);
    }

    private bool Advance()
    {
        if (_failure is not null || !_reader.Read())
            return false;
        if (_reader.Depth <= DeepestElement)
            return true;
        _failure = NotAReport("The XML is nested more deeply than a report ever is.");
        return false;
    }

    private bool Is(string name) => _reader.LocalName.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static DmarcReportResult NotAReport(string reason) => DmarcReportResult.Failed(DmarcReportFailure.NotAReport, reason);
}
