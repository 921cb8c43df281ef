using Commune.Mail.Addresses;
using Commune.Server.Api.Description;
using Commune.Server.Hosting;

namespace Commune.Server.Api.Dmarc;

/// <summary>DMARC aggregate reports (contract section 15).</summary>
public static class DmarcEndpoints
{
    private static readonly QueryField DomainName = new("domain", "The name of the domain.") { Required = true, Example = "mycompany.com" };

    public static void MapDmarc(this IEndpointRouteBuilder v1)
    {
        v1.MapPost("/dmarc/reports", SubmitReport.HandleAsync).Needs(Scopes.DomainsWrite)
            .Is(Call.Named("dmarc.submit").TakesRaw("application/xml", "application/gzip", "application/zip").Gives<Envelope<SubmittedReport>>(StatusCodes.Status201Created)
            .Asks(new QueryField("domain_id", "The domain that the report must be about.")).Fails(404, "The domain is unknown").Fails(413, "The report is too large"));
        v1.MapGet("/dmarc/reports", ListReports.HandleAsync).Needs(Scopes.DomainsRead)
            .Is(Call.Named("dmarc.reports").Gives<ListEnvelope<ReportResponse>>().Asks(DomainName).Paged(50, 200));
        v1.MapGet("/dmarc/summary", SummariseReports.HandleAsync).Needs(Scopes.DomainsRead)
            .Is(Call.Named("dmarc.summary").Gives<Envelope<SummaryResponse>>().Asks(
            DomainName, new QueryField("days", "The window in days.") { Kind = "integer", Least = 1, Most = 365, Standard = 30 }));
    }

    /// <summary>The required filter, as reports are kept: lower case, punycode.</summary>
    internal static string DomainOf(HttpContext http) => http.Request.Query.Text("domain") is { } name
        ? new Mailbox(null, "x", name.TrimEnd('.')).AsciiDomain.ToLowerInvariant()
        : throw ApiException.Invalid("domain", "domain is required: the name whose reports are wanted, such as mycompany.com");
}
