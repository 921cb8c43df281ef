using System.Text;

namespace Commune.Ai.Extraction;

/// <summary>Finds quotes in the visible text of a mail, whatever the white space and the case.</summary>
internal sealed class QuoteIndex
{
    private const int LongestQuote = 1000;
    private const int MostPlaces = 20;

    private readonly MailText mail;
    private readonly string text;
    private readonly int[] places;

    public QuoteIndex(MailText mail)
    {
        this.mail = mail;
        (text, places) = Fold(mail.Visible);
    }

    /// <summary>The day that the mail's "tomorrow" is counted from.</summary>
    public DateOnly? Day => mail.Date is { } date ? DateOnly.FromDateTime(date.DateTime) : null;

    /// <summary>The places where the quote stands; none when the mail does not say it.</summary>
    public IEnumerable<FieldEvidence> Find(string quote)
    {
        var sought = Fold(quote).Text.Trim();
        if (sought.Length is 0 or > LongestQuote)
            yield break;
        var how = text.Contains(sought, StringComparison.Ordinal) ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
        var found = 0;
        for (var at = text.IndexOf(sought, how); at >= 0 && found < MostPlaces; at = text.IndexOf(sought, at + 1, how))
        {
            found++;
            var (start, end) = Whole(mail.Visible, places[at], places[at + sought.Length - 1] + 1);
            yield return new FieldEvidence(mail.Visible[start..end], start, end, 0);
        }

        if (Fold($"{mail.FromName} <{mail.FromAddress}>").Text.Contains(sought, StringComparison.OrdinalIgnoreCase))
            yield return new FieldEvidence(quote, -1, -1, 0) { Source = EvidenceSource.From };
        if (ModelPrompt.DateOf(mail).Contains(sought, StringComparison.OrdinalIgnoreCase))
            yield return new FieldEvidence(quote, -1, -1, 0) { Source = EvidenceSource.Date };
    }

    /// <summary>A quote that ends amid a number is made whole: "41" is not what "4178" and "41,90" say.</summary>
    private static (int Start, int End) Whole(string text, int start, int end)
    {
        while (start > 0 && end > start && GoesOn(text, start - 1, start) && end - start < LongestQuote)
            start--;
        while (end < text.Length && end > start && GoesOn(text, end - 1, end) && end - start < LongestQuote)
            end++;
        return (start, end);

        static bool GoesOn(string text, int left, int right) =>
            (char.IsLetterOrDigit(text[left]) && char.IsLetterOrDigit(text[right]) && (char.IsDigit(text[left]) || char.IsDigit(text[right])))
            || (char.IsDigit(text[left]) && text[right] is '.' or ',' && right + 1 < text.Length && char.IsDigit(text[right + 1]))
            || (text[left] is '.' or ',' && char.IsDigit(text[right]) && left > 0 && char.IsDigit(text[left - 1]));
    }

    /// <summary>White space of any length as one space; the numbers lead back to the original.</summary>
    private static (string Text, int[] Places) Fold(string original)
    {
        var folded = new StringBuilder(original.Length);
        var origins = new List<int>(original.Length);
        for (var i = 0; i < original.Length; i++)
        {
            var c = original[i];
            if (char.IsWhiteSpace(c))
            {
                if (folded.Length > 0 && folded[^1] == ' ')
                    continue;
                c = ' ';
            }

            folded.Append(c);
            origins.Add(i);
        }

        return (folded.ToString(), [.. origins]);
    }
}
