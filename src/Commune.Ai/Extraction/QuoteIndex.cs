using System.Text;

namespace Commune.Ai.Extraction;

/// <summary>Finds quotes in the visible text of a mail, whatever the white space and the case.</summary>
internal sealed class QuoteIndex
{
    private const int LongestQuote = 1000;

    private readonly MailText mail;
    private readonly string text;
    private readonly int[] places;

    public QuoteIndex(MailText mail)
    {
        this.mail = mail;
        (text, places) = Fold(mail.Visible);
    }

    /// <summary>Where the quote stands; null when the mail does not say it.</summary>
    public FieldEvidence? Find(string quote, double confidence)
    {
        var (sought, _) = Fold(quote);
        sought = sought.Trim();
        if (sought.Length is 0 or > LongestQuote)
            return null;
        var at = text.IndexOf(sought, StringComparison.Ordinal);
        if (at < 0)
            at = text.IndexOf(sought, StringComparison.OrdinalIgnoreCase);
        if (at >= 0)
        {
            var (start, end) = (places[at], places[at + sought.Length - 1] + 1);
            return new FieldEvidence(mail.Visible[start..end], start, end, confidence);
        }

        if (Fold($"{mail.FromName} <{mail.FromAddress}>").Text.Contains(sought, StringComparison.OrdinalIgnoreCase))
            return new FieldEvidence(quote, -1, -1, confidence) { Source = EvidenceSource.From };
        return ModelPrompt.DateOf(mail).Contains(sought, StringComparison.OrdinalIgnoreCase)
            ? new FieldEvidence(quote, -1, -1, confidence) { Source = EvidenceSource.Date }
            : null;
    }

    /// <summary>Whether the mail or its sender line has this text anywhere.</summary>
    public bool Has(string words) => Find(words, 0) is not null;

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
