using System.Text;
using Commune.Server.Domains;
using Commune.Storage;

namespace Commune.Server.Api.Domains;

/// <summary>Gives the records as a zone file (RFC 1035 §5) that DNS providers import.</summary>
internal static class GetZoneFile
{
    /// <summary>RFC 1035 §3.3: one string of a TXT record.</summary>
    private const int MostInString = 255;

    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, DomainRecords records, string domainId)
    {
        var domain = await DomainEndpoints.FindAsync(store, http, domainId);
        var zone = new StringBuilder();
        zone.Append($"; DNS records of {domain.Name} for this mail server\n");
        foreach (var record in await records.IssueAsync(domain, http.RequestAborted))
            zone.Append(Line(record));
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{domain.Name}.zone\"";
        // RFC 4027: the media type of a zone file.
        return Results.Text(zone.ToString(), "text/dns", Encoding.UTF8);
    }

    private static string Line(IssuedRecord record) => record.Type == "MX"
        ? $"{record.Name}. {IssuedRecord.Ttl} IN MX {record.Priority} {record.Value}.\n"
        : $"{record.Name}. {IssuedRecord.Ttl} IN TXT {string.Join(' ', record.Value.Chunk(MostInString).Select(static c => $"\"{Quoted(new string(c))}\""))}\n";

    /// <summary>RFC 1035 §5.1: a quote and a backslash are written behind a backslash.</summary>
    private static string Quoted(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}
