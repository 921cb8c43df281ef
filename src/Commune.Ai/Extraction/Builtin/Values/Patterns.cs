using System.Text.RegularExpressions;

namespace Commune.Ai.Extraction.Builtin.Values;

#pragma warning disable MA0009 // They read one line of bounded length, and no repetition is nested in another: there is nothing to backtrack into.

/// <summary>What values look like that are not dates.</summary>
internal static partial class Patterns
{
    [GeneratedRegex(@"(?:https?://|www\.)[^\s<>""'\u0001|]{2,500}", Options)]
    public static partial Regex Link { get; }

    [GeneratedRegex(@"(?<![\w.+-])[\w][\w.+'-]{0,63}@[a-z0-9](?:[a-z0-9.-]{0,200})\.[a-z]{2,24}(?![\w-])", Options)]
    public static partial Regex Email { get; }

    [GeneratedRegex(@"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,3})?\b", RegexOptions.CultureInvariant)]
    public static partial Regex Iban { get; }

    [GeneratedRegex(@"(?<![\w:.,-])(?:(?<h>[01]?\d|2[0-3])(?:[:h](?<m>[0-5]\d)|\.(?<m>[0-5]\d)(?=\s?(?:uhr|[ap]\.?m|h\b)))(?::[0-5]\d)?(?:\s?(?<p>[ap])\.?m\b\.?)?(?:\s?(?:uhr|h|hrs|o'clock)\b)?|(?<h>[01]?\d|2[0-3])\s?(?:(?<p>[ap])\.?m\b\.?|uhr\b|h\b(?!\w)|heures?\b|uur\b|o['’]clock\b)|(?<w>noon|midday|mittags?|midi|mezzogiorno|mediodía|meio-dia|midnight))", Options)]
    public static partial Regex Time { get; }

    [GeneratedRegex(@"(?<![\w.,]|\d[ \u00A0\u202F])(?<n>\d{1,3}(?:[.,]\d{1,4})?)\s?(?:%|percent\b|per\scent\b|prozent\b|pour\scent\b|por\sciento\b|per\scento\b|procent\b|por\scento\b)", Options)]
    public static partial Regex Percent { get; }

    [GeneratedRegex(@"(?<![\w])-?(?<c>US\$|CA\$|AU\$|R\$|[€$£¥₹]|(?:EUR|USD|GBP|CHF|JPY|CAD|AUD|BRL|SEK|NOK|DKK|PLN|CZK|INR|CNY|NZD|MXN|Fr\.)(?!\w))\s?(?<n>-?" + Digits + @")(?:(?<k>k)\b|,[-–—])?(?:\s(?<a>USD|CAD|AUD|NZD|MXN|EUR|GBP|CHF)\b)?(?![\d]|[.,'’]\d|(?<![.,]\d{1,2})[ \u00A0\u202F]\d{3})", Options)]
    public static partial Regex AmountBehindCurrency { get; }

    [GeneratedRegex(@"(?<![\w.,/-]|\d{4}[ \u00A0\u202F])(?<n>-?" + Digits + @")(?:(?<k>k)|,[-–—])?\s?(?<c>€|\$|£|¥|₹|(?:EUR|USD|GBP|CHF|JPY|CAD|AUD|BRL|SEK|NOK|DKK|PLN|CZK|INR|CNY|NZD|MXN|euros?|dollars?|pounds?|bucks|francs|franken|reais)(?!\w))", Options)]
    public static partial Regex AmountBeforeCurrency { get; }

    [GeneratedRegex(@"(?<![\w./-]|\d[ \u00A0])(?:\+\d[\d\s().\u2011/-]{6,20}\d|\(0?\d{2,5}\)[\s-]?[\d\s.-]{4,14}\d|0\d{1,5}[\s/.-]{1,3}[\d\s./-]{4,16}\d|00\d[\d\s()./-]{7,18}\d|\d{3}[-. ]\d{3}[-. ]\d{4}|\d{3}-\d{4}|0\d{8,11}|\d{2}[ ]\d{2}[ ]\d{2}[ ]\d{2}(?:[ ]\d{2})?|[6789]\d{2}[ ]\d{3}[ ]\d{3})(?![\w-]|[ ]\d{2})", Options)]
    public static partial Regex Phone { get; }

    [GeneratedRegex(@"#?(?<![\w@])[\p{L}\d]+(?:[-/_.][\p{L}\d]+)*", Options)]
    public static partial Regex Id { get; }

    [GeneratedRegex(@"(?<![\w.,/:#-])-?" + Digits + @"(?![\w]|[.,/:-]\d)", Options)]
    public static partial Regex Number { get; }

    /// <summary>A number with a unit or an ordinal: no id.</summary>
    [GeneratedRegex(@"^\d+(?:x|st|nd|rd|th|am|pm|k|h|hrs?|kg|g|mg|lbs?|cm|mm|m|km|ml|l|gb|mb|tb|er|ème|eme|º|min|px|w|v|kw|d|days?|years?|yrs?|ft|in|oz|pcs|stk|uhr|€)$|^x\d+$|^\d{1,2}/\d{1,2}$|^\d+(?:\.\d+)+$", Options)]
    public static partial Regex Measure { get; }

    private const string Digits = @"(?:\d{1,3}(?:[.,'’\u00A0\u202F ]\d{3})+(?:[.,]\d{1,2})?|\d{1,12}(?:[.,]\d{1,4})?)";

    private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;
}
