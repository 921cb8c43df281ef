using System.Text.Json;
using Commune.Ai.Extraction.Builtin.Fields;
using Commune.Ai.Extraction.Builtin.Reading;

namespace Commune.Ai.Extraction;

/// <summary>What the parts of a mail are worth as evidence for a model's values: by the rule that holds where no model reads.</summary>
internal sealed class QuoteTrust
{
    private readonly List<TextLine> lines;
    private readonly LineTrust[] trust;
    private readonly LineTrust sender;

    public QuoteTrust(MailText mail, JsonElement schema)
    {
        var names = FieldReader.NamesOf(schema);
        lines = MailLines.Of(mail);
        trust = Directives.Of(mail.Visible, lines, names);
        var name = mail.FromName?.Trim() ?? "";
        sender = name.Length == 0 ? LineTrust.Full : Directives.Of(name, [new TextLine(0, name.Length, MailPart.New)], names).Min();
    }

    /// <summary>The least that a part of what is quoted is worth.</summary>
    public LineTrust Of(FieldEvidence evidence) => evidence.Source switch
    {
        EvidenceSource.Text => Of(evidence.Start, evidence.End),
        EvidenceSource.From => sender,
        _ => LineTrust.Full,
    };

    private LineTrust Of(int start, int end)
    {
        var least = LineTrust.Full;
        for (var i = FirstBehind(start); i < lines.Count && lines[i].Start < end; i++)
        {
            if (!lines[i].IsBlank && trust[i] < least)
                least = trust[i];
        }

        return least;
    }

    /// <summary>The first line that ends behind a place.</summary>
    private int FirstBehind(int place)
    {
        var (low, high) = (0, lines.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (lines[middle].End <= place)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
