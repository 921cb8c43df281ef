using System.Text.RegularExpressions;
using Commune.Ai.Extraction.Builtin.Fields;
using Commune.Ai.Extraction.Builtin.Reading;

namespace Commune.Ai.Extraction.Builtin.Finding;

#pragma warning disable MA0009 // They read one line of bounded length, and no repetition is nested in another: there is nothing to backtrack into.

/// <summary>Finds what has no form of its own: free text, companies, addresses, job titles, places.</summary>
internal sealed partial class TextFinder(MailReading reading, ValueFinder values)
{
    private const int LongestText = 2000;
    private const int LongestSentenceValue = 60;

    public Found? Find(Field field)
    {
        if (field.Kind == FieldKind.Subject)
            return Subject(field);
        if (Found.Best(Labelled(field)) is { } labelled)
            return labelled;
        return field.Kind switch
        {
            FieldKind.Company => Company(field),
            FieldKind.Job => Match(field, Job, Confidence.Near),
            FieldKind.Place => Route(field),
            FieldKind.Message => Message(field),
            FieldKind.Text => Stated(field),
            _ => null,
        };
    }

    private IEnumerable<Found> Labelled(Field field)
    {
        foreach (var (label, score) in values.LabelsOf(field))
        {
            if (label.Kind == LabelKind.Below && field.Kind is not (FieldKind.Address or FieldKind.Message) && !IsExact(field, label))
                continue;
            if (OfSpan(field, label.ValueStart, label.ValueEnd) is { } found)
                yield return found with { Confidence = ValueFinder.Weighed(1, label, score) };
        }
        foreach (var table in reading.Tables.Where(table => table.Rows.Count == 1))
        {
            for (var i = 0; i < table.Headings.Count; i++)
            {
                var cell = table.Rows[0].Cells[i];
                var score = ValueFinder.ScoreOf(field, table.Headings[i]);
                if (score >= FieldName.Enough && OfSpan(field, cell.Start, cell.End) is { } found)
                    yield return found with { Confidence = Confidence.Cell * score * ValueFinder.FactorOf(table.Part) };
            }
        }
    }

    // The line below a line is a value only where the line is nothing but the name.
    private static bool IsExact(Field field, Label label) => ValueFinder.ScoreOf(field, label.Words) > 0.9;

    /// <summary>The text of a label or a cell.</summary>
    public Found? OfSpan(Field field, int start, int end)
    {
        end = Math.Min(end, start + LongestText);
        var span = reading.Text.AsSpan(start, end - start);
        if (field.Kind is not (FieldKind.Address or FieldKind.Message or FieldKind.Text) && span.IndexOf('\n') is >= 0 and var line)
            span = span[..line];
        if (field.Kind is FieldKind.Place or FieldKind.Job or FieldKind.Company && span.IndexOfAny("|;(\t") is > 0 and var mark)
            span = span[..mark];
        span = span.TrimEnd(" \t*,;");
        if (span.IsEmpty || span is "-" or "–" or "n/a" or "N/A" or "none" or "None" or "unknown")
            return null;
        var text = span.ToString();
        if (text.Contains('\n', StringComparison.Ordinal))
            text = string.Join(field.Kind == FieldKind.Address ? ", " : "\n", text.Split('\n').Select(part => part.Trim().TrimEnd(',')).Where(part => part.Length > 0));
        return Rendering.Text(field, text) is { } node ? new Found(node, start, start + span.Length, 1) : null;
    }

    private Found? Subject(Field field)
    {
        var subject = reading.Mail.Subject;
        var start = 0;
        while (start < 40 && Prefix.Match(subject, start) is { Success: true, Length: > 0 } prefix)
            start += prefix.Length;
        var text = subject[start..].Trim();
        return text.Length > 0 && reading.Trust[0] == LineTrust.Full && Rendering.Text(field, text) is { } node ? new Found(node, start, start + text.Length, Confidence.Label) : null;
    }

    /// <summary>All that the sender writes, for a property that asks for the message itself.</summary>
    private Found? Message(Field field)
    {
        if (field.Names[0].Subjects.Count > 0)
            return null;
        var first = reading.Lines.FindIndex(line => line.Part == MailPart.New && !line.IsBlank);
        if (first < 0)
            return null;
        var last = first;
        for (var i = first; i < reading.Lines.Count && (reading.Lines[i].IsBlank || reading.Lines[i].Part == MailPart.New); i++)
        {
            if (reading.Trust[i] == LineTrust.None && !reading.Lines[i].IsBlank)
                return null;
            last = reading.Lines[i].IsBlank ? last : i;
        }
        var (start, end) = (reading.Lines[first].Start, reading.Lines[last].End);
        return end - start <= LongestText * 4 && Rendering.Text(field, reading.Text[start..end]) is { } node ? new Found(node, start, end, Confidence.Single) : null;
    }

    private Found? Company(Field field)
    {
        if (field.Names[0].IsAbout("vendor") && reading.Mail.FromName is { } sender && CompanyName.IsMatch(sender) && Rendering.Text(field, sender.Trim()) is { } named)
            return new Found(named, -1, -1, Confidence.FromHeader) { Source = EvidenceSource.From, Quote = sender };
        var inText = Match(field, CompanyName, Confidence.Near);
        if (inText is not null || field.Names[0].IsAbout("vendor"))
            return inText;
        return Match(field, FromCompany, Confidence.SameSentence);
    }

    private Found? Route(Field field)
    {
        var group = field.Names.Any(name => name.IsAbout("origin")) ? "from" : "to";
        return Match(field, FromTo, Confidence.Near, group);
    }

    /// <summary>"My favourite colour is blue": the property's words, a verb, the value.</summary>
    private Found? Stated(Field field)
    {
        var name = field.Names[0];
        if (name.Subjects.Count == 0)
            return null;
        var found = new List<Found>();
        foreach (var place in reading.PlacesOf(name.Subjects[^1]))
        {
            var word = reading.Words[place];
            var line = reading.Lines[word.Line];
            if (!line.IsOwn || reading.Trust[word.Line] != LineTrust.Full || line.End <= word.End)
                continue;
            var rest = reading.Text.AsSpan(word.End, line.End - word.End);
            var verb = 0;
            foreach (var match in Verb.EnumerateMatches(rest))
                verb = match.Length;
            if (verb == 0 && Direct.Match(reading.Text, word.End, rest.Length) is { Success: true } direct && direct.Index == word.End && name.Subjects.Count == 1
                && direct.Groups["v"].Value.TrimEnd('.') is var number && Rendering.Text(field, number) is { } own)
            {
                found.Add(new Found(own, direct.Groups["v"].Index, direct.Groups["v"].Index + number.Length, Confidence.Beside));
                continue;
            }
            if (verb == 0 || !name.Subjects.All(subject => Enumerable.Range(Math.Max(0, place - 3), Math.Min(4, place + 1)).Any(i => reading.Words[i].Line == word.Line && reading.Words[i].Means(subject))))
                continue;
            var value = rest[verb..];
            var stop = value.IndexOfAny(".,;!?()");
            value = (stop < 0 ? value : value[..stop]).TrimEnd();
            if (value.Length is > 0 and <= LongestSentenceValue && !Negation.IsMatch(value) && Rendering.Text(field, value.ToString()) is { } node)
                found.Add(new Found(node, word.End + verb, word.End + verb + value.Length, Confidence.Near));
        }
        return Found.Best(found);
    }

    private Found? Match(Field field, Regex regex, double confidence, string group = "v")
    {
        var found = new List<Found>();
        for (var i = 0; i < reading.Lines.Count && found.Count < 20; i++)
        {
            var line = reading.Lines[i];
            if (line.IsBlank || line.Part is MailPart.Quoted || reading.Trust[i] != LineTrust.Full)
                continue;
            var match = regex.Match(reading.Text, line.Start, line.Length);
            if (!match.Success || match.Groups[group] is not { Success: true } value)
                continue;
            var text = value.ValueSpan.TrimEnd(" .,-").ToString();
            if (Rendering.Text(field, text) is { } node)
                found.Add(new Found(node, value.Index, value.Index + text.Length, line.Part == MailPart.Subject ? confidence + 0.03 : confidence));
        }
        return Found.Best(found);
    }

    [GeneratedRegex(@"\G(?:re|aw|fwd?|wg|sv|rv|tr|rif|antw|res|enc|fw)\s?:\s*", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Prefix { get; }

    [GeneratedRegex(@"(?<v>(?:\p{Lu}[\p{L}\d&.'-]{0,30}\s(?:&\s|und\s|and\s|et\s|y\s)?){1,4}(?:GmbH(?:\s&\sCo\.?\sKG)?|AG|KG|UG|Ltd\.?|Limited|Inc\.?|LLC|LLP|Corp\.?|Corporation|PLC|SARL|S\.?A\.?R\.?L\.?|SAS|S\.A\.|SA|S\.?L\.?|S\.?p\.?A\.?|S\.?r\.?l\.?|B\.?V\.?|N\.?V\.?|Lda\.?|Ltda\.?|Oy|AB|ApS|A/S|e\.V\.|Pty))(?![\p{L}])")]
    private static partial Regex CompanyName { get; }

    [GeneratedRegex(@"\b(?:I\swork\s(?:at|for)|I['’]m\s(?:with|from)|I\sam\s(?:with|from|writing\son\sbehalf\sof|the\s[\w\s]{2,30}\s(?:at|of))|on\sbehalf\sof|(?:here|calling|writing)\sfrom|(?:CEO|CTO|founder|manager|director|head\sof\s\w{2,20})\s(?:at|of)|ich\sarbeite\sbei|von\sder\sFirma|je\stravaille\schez|trabajo\sen|lavoro\s(?:per|presso)|ik\swerk\sbij|trabalho\sna)\s(?:the\s)?(?<v>\p{Lu}[\p{L}\d&.'-]{1,30}(?:\s\p{Lu}[\p{L}\d&.'-]{1,30}){0,3})")]
    private static partial Regex FromCompany { get; }

    [GeneratedRegex(@"(?i:\bappl(?:ication|ying|y|ied)\s(?:for|to)\s(?:the\s|your\s|a\s)?(?:(?:open\s|advertised\s)?(?:position|role|job|post|vacancy)\s(?:of\s|as\s|for\s)?(?:an?\s)?)?|\bbewerb(?:ung|e\smich)\s(?:hiermit\s)?(?:als|um\sdie\sstelle\sals|auf\sdie\sstelle\sals|für\sdie\sstelle\sals)\s(?:eine?\s)?|\b(?:candidature|postule)\s(?:pour\s|au\s|à\s)?(?:le\s|un\s)?(?:poste\s)?(?:de\s|d['’])?|\b(?:candidatura|solicitud|postulación)\s(?:para\s|al\s|a\s|per\s|come\s)?(?:el\s|la\s|il\s|a\s|o\s|alla\s)?(?:puesto\s|vacante\s|posizione\s|posto\s|vaga\s)?(?:de\s|di\s)?|\bsolliciter(?:en|e)?\s(?:op|naar)\s(?:de\s)?(?:functie|vacature)\s(?:van\s)?|\bsollicitatie\s(?:als\s|voor\s|naar\s)?(?:de\s)?(?:functie\s(?:van\s)?)?)[""“«:]?\s?(?<v>\p{Lu}[\p{L}/&+#'-]{1,30}(?:\s(?:\(?\p{Lu}[\p{L}/&+#'-]{0,30}\)?|(?:of|de|di|en|für|and|&)\s\p{L}[\p{L}-]{1,30}|&|-)){0,5})", RegexOptions.CultureInvariant)]
    private static partial Regex Job { get; }

    [GeneratedRegex(@"\b(?:from|von|de|desde|da|van|ab)\s(?<from>\p{Lu}[\p{L}'-]{1,30}(?:\s\p{Lu}[\p{L}'-]{1,30}){0,2})(?:\s\([A-Z]{3}\))?\s(?:to|nach|à|a|hacia|per|naar|para|au)\s(?<to>\p{Lu}[\p{L}'-]{1,30}(?:\s\p{Lu}[\p{L}'-]{1,30}){0,2})", RegexOptions.CultureInvariant)]
    private static partial Regex FromTo { get; }

    // "version 2.8", "size 42"
    [GeneratedRegex(@"\s(?:no\.?\s|number\s|nr\.?\s|#)?(?<v>\p{L}{0,4}\d[\w./-]{0,20})", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Direct { get; }

    [GeneratedRegex(@"^\s(?:is|was|=|ist|lautet|est|es|è|e'|é|are|sind|sont)\s(?:the\s)?", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Verb { get; }

    [GeneratedRegex(@"^(?:not|no|nicht|kein\w*|pas|non|niet|geen|não|that|dass|very|so|too|still|already|broken|missing)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Negation { get; }
}
