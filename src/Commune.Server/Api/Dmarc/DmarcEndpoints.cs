using Commune.Mail.Addresses;
using Commune.Server.Hosting;

namespace Commune.Server.Api.Dmarc;

/// <summary>DMARC aggregate reports (contract section 15).</summary>
public static class DmarcEndpoints
{
    public static void MapDmarc(this IEndpointRouteBuilder v1)
    {
        v1.MapPost("/dmarc/reports", SubmitReport.HandleAsync).Needs(Scopes.DomainsWrite);
        v1.MapGet("/dmarc/reports", ListReports.HandleAsync).Needs(Scopes.DomainsRead);
        v1.MapGet("/dmarc/summary", SummariseReports.HandleAsync).Needs(Scopes.DomainsRead);
    }

    /// <summary>The required filter, as reports are kept: lower case, punycode.</summary>
    internal static string DomainOf(HttpContext http) => http.Request.Query.Text("domain") is { } name
        ? new Mailbox(null, "x", name.TrimEnd('.')).AsciiDomain.ToLowerInvariant()
        : throw ApiException.Invalid("domain", "domain is required: the name whose reports are wanted, such as mycompany.com");
}
