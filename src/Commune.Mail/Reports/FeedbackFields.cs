using System.Globalization;
using System.Net;

namespace Commune.Mail.Reports;

/// <summary>The fields of a message/feedback-report part (RFC 5965 §3).</summary>
internal static class FeedbackFields
{
    private const int MostValues = 1000;

    /// <summary>Null when the part has no Feedback-Type.</summary>
    public static FeedbackReport? Read(string text)
    {
        var fields = new FieldGroup();
        foreach (var (name, value) in ReportFields.Read(text))
        {
            if (name is not null)
                fields.Add(name, value);
        }
        if (fields.Get("Feedback-Type") is not { } type)
            return null;
        type = FirstWord(type).ToLowerInvariant();
        return new FeedbackReport
        {
            FeedbackType = type,
            Version = fields.Get("Version"),
            UserAgent = fields.Get("User-Agent"),
            OriginalEnvelopeId = fields.Get("Original-Envelope-Id"),
            OriginalMailFrom = fields.Get("Original-Mail-From") is { } from ? ReportAddress.OfField(from) ?? "" : null,
            OriginalRcptTo = Recipients(fields),
            ArrivalDate = fields.Date("Arrival-Date") ?? fields.Date("Received-Date"),
            SourceIp = fields.Get("Source-IP") is { } ip ? Address(ip) : null,
            ReportingMta = fields.Get("Reporting-MTA") is { } mta ? mta[(mta.IndexOf(';', StringComparison.Ordinal) + 1)..].Trim() : null,
            ReportedDomains = [.. fields.GetAll("Reported-Domain").Select(d => d.ToLowerInvariant()).Distinct(StringComparer.Ordinal).Take(MostValues)],
            ReportedUris = [.. fields.GetAll("Reported-URI").Take(MostValues)],
            AuthenticationResults = [.. fields.GetAll("Authentication-Results").Take(MostValues)],
            Incidents = Incidents(fields.Get("Incidents")),
            Failure = type == "auth-failure" ? Failure(fields) : null,
        };
    }

    private static List<string> Recipients(FieldGroup fields)
    {
        var found = new List<string>();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        // Removal-Recipient names the complainer where the recipient is left out.
        foreach (var name in (ReadOnlySpan<string>)["Original-Rcpt-To", "Original-Recipient", "Removal-Recipient"])
        {
            foreach (var value in fields.GetAll(name))
            {
                if (found.Count < MostValues && ReportAddress.OfField(value) is { } address && seen.Add(address))
                    found.Add(address);
            }
            if (found.Count > 0)
                break;
        }
        return found;
    }

    private static AuthenticationFailure Failure(FieldGroup fields) => new()
    {
        AuthFailure = FirstWord(fields.Get("Auth-Failure") ?? "").ToLowerInvariant(),
        DeliveryResult = fields.Get("Delivery-Result")?.ToLowerInvariant(),
        IdentityAlignment = fields.Get("Identity-Alignment")?.ToLowerInvariant(),
        DkimDomain = fields.Get("DKIM-Domain")?.ToLowerInvariant(),
        DkimIdentity = fields.Get("DKIM-Identity"),
        DkimSelector = fields.Get("DKIM-Selector"),
        SpfDns = fields.Get("SPF-DNS"),
    };

    internal static IPAddress? Address(string text)
    {
        var word = FirstWord(text).Trim('[', ']');
        if (word.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase))
            word = word["IPv6:".Length..];
        return word.AsSpan().ContainsAny('.', ':') && IPAddress.TryParse(word, out var address) ? address : null;
    }

    private static int Incidents(string? text)
    {
        if (text is null)
            return 1;
        var word = FirstWord(text);
        if (word.Length == 0 || word.AsSpan().ContainsAnyExceptInRange('0', '9'))
            return 1;
        return int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? Math.Max(count, 1) : int.MaxValue;
    }

    private static string FirstWord(string text)
    {
        var trimmed = text.AsSpan().Trim();
        var end = trimmed.IndexOfAny(" \t(;,");
        return (end < 0 ? trimmed : trimmed[..end]).ToString();
    }
}
