using System.Globalization;

namespace Commune.Mail.Smtp.Client;

/// <summary>What a server offers in its reply to EHLO (RFC 5321 §4.1.1.1). After HELO: nothing.</summary>
public sealed record SmtpCapabilities
{
    public bool Extended { get; init; }

    public bool Pipelining { get; init; }

    public bool EightBitMime { get; init; }

    public bool SmtpUtf8 { get; init; }

    public bool StartTls { get; init; }

    public bool EnhancedStatusCodes { get; init; }

    /// <summary>RFC 3461: whether the server takes what a delivery status notification is to repeat.</summary>
    public bool Dsn { get; init; }

    /// <summary>RFC 1870: whether SIZE is offered.</summary>
    public bool Size { get; init; }

    /// <summary>The largest message in octets; null for no limit, or none that was told.</summary>
    public long? MaxMessageBytes { get; init; }

    /// <summary>SASL mechanisms, in upper case.</summary>
    public IReadOnlyList<string> AuthMechanisms { get; init; } = [];

    internal static SmtpCapabilities Parse(SmtpReply ehlo)
    {
        var capabilities = new SmtpCapabilities { Extended = true };
        // The first line is the greeting with the server's name.
        foreach (var line in ehlo.Lines.Skip(1))
        {
            // "AUTH=LOGIN" was written by servers older than RFC 2554, for clients older still.
            var words = line.ToUpperInvariant().Split([' ', '\t', '='], StringSplitOptions.RemoveEmptyEntries);
            capabilities = words switch
            {
                ["PIPELINING", ..] => capabilities with { Pipelining = true },
                ["8BITMIME", ..] => capabilities with { EightBitMime = true },
                ["SMTPUTF8", ..] => capabilities with { SmtpUtf8 = true },
                ["STARTTLS", ..] => capabilities with { StartTls = true },
                ["ENHANCEDSTATUSCODES", ..] => capabilities with { EnhancedStatusCodes = true },
                ["DSN", ..] => capabilities with { Dsn = true },
                ["SIZE", var limit, ..] => capabilities with { Size = true, MaxMessageBytes = Limit(limit) },
                ["SIZE"] => capabilities with { Size = true },
                ["AUTH", .. var mechanisms] => capabilities with
                {
                    AuthMechanisms = [.. capabilities.AuthMechanisms.Union(mechanisms, StringComparer.Ordinal)],
                },
                _ => capabilities,
            };
        }

        return capabilities;
    }

    // RFC 1870 §3: zero says that there is no fixed limit.
    private static long? Limit(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit > 0 ? limit : null;
}
