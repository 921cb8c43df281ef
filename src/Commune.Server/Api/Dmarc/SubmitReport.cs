using System.Text.Json.Serialization;
using Commune.Mail.Reports;
using Commune.Server.Hosting;
using Commune.Server.Inbound;
using Commune.Storage;

namespace Commune.Server.Api.Dmarc;

/// <summary>Takes an aggregate report as XML, gzip or zip, told apart by its bytes whatever the content type says.</summary>
internal static class SubmitReport
{
    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, KeepDmarcReport keep)
    {
        var orgId = Authentication.CallerOf(http).OrgId;
        var read = await DmarcAggregateReport.ReadAsync(http.Request.Body, cancellationToken: http.RequestAborted);
        if (read.Report is not { } report)
            throw Refused(read);
        var domain = http.Request.Query.Text("domain_id") is { } domainId
            ? await store.Domains.GetAsync(orgId, domainId, http.RequestAborted) ?? throw ApiException.NotFound("Domain")
            : null;
        if (domain is not null && !KeepDmarcReport.IsAbout(report, domain.Name))
            throw ApiException.Invalid("domain_id", $"The report is about {report.Policy.Domain}, not about {domain.Name}");

        var kept = await keep.KeepAsync(orgId, report, domain, http.RequestAborted);
        return ApiJson.Created(new Envelope<SubmittedReport>(new SubmittedReport(kept.Id, kept.ReportId, kept.Domain, kept.OrgName,
            ApiJson.Time(kept.Begin), ApiJson.Time(kept.End), kept.Rows.Count, kept.TotalMessages)));
    }

    private static ApiException Refused(DmarcReportResult read) => read.Failure == DmarcReportFailure.TooLarge
        ? new ApiException(StatusCodes.Status413PayloadTooLarge, new ErrorBody(read.Reason!, "report_too_large"))
        : ApiException.BadRequest(read.Reason!, read.Failure == DmarcReportFailure.BrokenArchive ? "broken_archive" : "not_a_dmarc_report");
}

public sealed record SubmittedReport(
    string Id, string ReportId, string Domain, string OrgName, string DateBegin, string DateEnd, int RecordCount, long TotalMessages);

/// <summary>The report row of contract section 15.</summary>
public sealed record ReportResponse(
    string Id, string ReportId, string OrgName, string Email, string Domain, string? DomainId, string DateBegin, string DateEnd,
    PolicyResponse Policy, IReadOnlyList<RecordResponse> Records, long TotalMessages, string ReceivedAt)
{
    public int RecordCount => Records.Count;
    [JsonPropertyName("recordCount")] public int RecordCountAlias => Records.Count;
    [JsonPropertyName("reporterOrg")] public string ReporterOrg => OrgName;
    [JsonPropertyName("dateRangeBegin")] public string DateRangeBegin => DateBegin;
    [JsonPropertyName("dateRangeEnd")] public string DateRangeEnd => DateEnd;

    public static ReportResponse From(DmarcReport report) => new(report.Id, report.ReportId, report.OrgName, report.Email, report.Domain, report.DomainId,
        ApiJson.Time(report.Begin), ApiJson.Time(report.End),
        new PolicyResponse(report.Policy.Domain, report.Policy.Adkim, report.Policy.Aspf, report.Policy.P, report.Policy.Sp, report.Policy.Pct),
        [.. report.Rows.Select(static row => new RecordResponse(row.SourceIp, row.Count, row.Disposition, row.DkimResult, row.SpfResult, row.HeaderFrom,
            row.DkimDomain, row.DkimSelector, row.SpfDomain))],
        report.TotalMessages, ApiJson.Time(report.ReceivedAt));
}

public sealed record PolicyResponse(string Domain, string Adkim, string Aspf, string P, string Sp, int Pct);

public sealed record RecordResponse(
    string SourceIp, long Count, string Disposition, string DkimResult, string SpfResult, string HeaderFrom,
    string? DkimDomain, string? DkimSelector, string? SpfDomain);
