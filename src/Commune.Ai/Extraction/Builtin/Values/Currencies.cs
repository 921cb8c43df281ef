namespace Commune.Ai.Extraction.Builtin.Values;

/// <summary>Signs and names of currencies.</summary>
internal static class Currencies
{
    /// <summary>The code of ISO 4217.</summary>
    public static string? CodeOf(string sign) => sign.ToUpperInvariant() switch
    {
        "€" or "EURO" or "EUROS" => "EUR",
        "$" or "US$" or "DOLLAR" or "DOLLARS" or "BUCKS" => "USD",
        "£" or "POUND" or "POUNDS" => "GBP",
        "¥" => "JPY",
        "₹" => "INR",
        "CA$" => "CAD",
        "AU$" => "AUD",
        "R$" or "REAIS" => "BRL",
        "FR." or "FRANCS" or "FRANKEN" => "CHF",
        { Length: 3 } code => code,
        _ => null,
    };
}
