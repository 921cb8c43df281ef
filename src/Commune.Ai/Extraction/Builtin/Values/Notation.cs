using System.Text.RegularExpressions;
using Commune.Ai.Extraction.Builtin.Reading;

namespace Commune.Ai.Extraction.Builtin.Values;

#pragma warning disable MA0009 // They read one line of bounded length, and no repetition is nested in another: there is nothing to backtrack into.

/// <summary>How a mail writes numbers and dates, from what in it can be read in one way only.</summary>
internal sealed partial class Notation
{
    private const int LinesRead = 400;

    private static readonly HashSet<string> ForeignWords = new(
        ["und", "der", "ich", "bitte", "nicht", "wir", "le", "les", "je", "nous", "vous", "une", "est", "pas", "para", "por", "los", "una", "con", "il", "che", "sono", "non", "het", "een", "niet", "ik", "voor", "não", "nao", "uma", "com", "gracias", "grazie", "merci", "danke", "de", "del", "di", "du", "la", "el", "su", "fecha", "sehr", "ihre", "ihr", "mit", "von", "das", "die", "ist", "sind", "hola", "bonjour", "buongiorno", "dag", "graag", "datum", "em", "da", "do", "mi", "mijn", "moi", "votre", "nostra", "rechnung", "facture", "factura", "fattura", "factuur"],
        StringComparer.Ordinal);

    public Notation(MailReading reading)
    {
        int dayFirst = 0, monthFirst = 0, comma = 0, point = 0;
        bool euro = false, dollar = false;
        for (var i = 0; i < Math.Min(reading.Lines.Count, LinesRead); i++)
        {
            var line = reading.SpanOf(reading.Lines[i]);
            foreach (var match in Slashed.EnumerateMatches(line))
            {
                var (first, second) = Parts(line.Slice(match.Index, match.Length));
                dayFirst += first > 12 && second <= 12 ? 1 : 0;
                monthFirst += second > 12 && first <= 12 ? 1 : 0;
            }
            comma += CommaDecimals.Count(line);
            point += PointDecimals.Count(line);
            euro |= line.ContainsAny("€£");
            dollar |= line.Contains('$');
        }
        var foreign = reading.Words.Take(1000).Count(word => ForeignWords.Contains(word.Folded)) >= 2;
        DayFirst = dayFirst != monthFirst ? dayFirst > monthFirst : foreign || euro ? true : dollar ? false : null;
        DecimalComma = comma != point ? comma > point : foreign;
    }

    /// <summary>Whether "03/04/2026" is in April; null when nothing tells.</summary>
    public bool? DayFirst { get; }

    public bool DecimalComma { get; }

    private static (int First, int Second) Parts(ReadOnlySpan<char> date)
    {
        var cut = date.IndexOfAny('/', '-');
        return (int.Parse(date[..cut], System.Globalization.CultureInfo.InvariantCulture), int.Parse(date[(cut + 1)..(date.Length - 1)].TrimEnd("/-"), System.Globalization.CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"(?<![\d/-])\d{1,2}[/-]\d{1,2}[/-](?=\d{2})")]
    private static partial Regex Slashed { get; }

    [GeneratedRegex(@"\d,\d{2}(?!\d)")]
    private static partial Regex CommaDecimals { get; }

    [GeneratedRegex(@"\d\.\d{2}(?![\d.])")]
    private static partial Regex PointDecimals { get; }
}
