using System.Collections.Frozen;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Commune.Ai.Extraction.Builtin.Fields;
using Commune.Ai.Extraction.Builtin.Reading;
using Commune.Ai.Extraction.Builtin.Words;

namespace Commune.Ai.Extraction.Builtin.Finding;

#pragma warning disable MA0009 // They read one line of bounded length, and no repetition is nested in another: there is nothing to backtrack into.

/// <summary>Finds the name of the sender, or of whom the mail greets.</summary>
internal sealed partial class PersonFinder(MailReading reading, ValueFinder values)
{
    private const int LinesOfGreeting = 6;

    private static readonly FrozenSet<string> NoNames = new[]
    {
        "team", "support", "service", "customer", "sales", "info", "noreply", "no", "reply", "admin", "billing", "orders", "order", "shop", "store", "office", "mail", "contact", "help", "desk", "newsletter",
        "notification", "notifications", "gmbh", "ag", "ltd", "inc", "llc", "sa", "sarl", "bv", "srl", "spa", "lda", "co", "kg", "hotel", "kundenservice", "rechnung", "there", "all", "everyone", "sir", "madam", "damen", "herren",
        "hello", "hi", "thanks", "thank", "regards", "best", "the", "your", "our", "und", "and", "sent", "department", "accounting", "accounts", "reservations", "bookings", "shipping", "delivery", "express", "careers", "jobs", "hr",
        "not", "very", "happy", "writing", "sure", "looking", "afraid", "sorry", "still", "interested", "unable", "a", "an", "kunde", "kundin", "monsieur", "madame", "hiring", "manager",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Particles = new[] { "van", "von", "de", "der", "den", "di", "da", "del", "la", "le", "dos", "bin", "al", "el", "ter", "zu", "y", "e", "do" }.ToFrozenSet(StringComparer.Ordinal);

    public Found? Find(Field field)
    {
        if (Found.Best(Labelled(field)) is { } labelled)
            return labelled;
        var name = field.Names[0];
        if (name.IsAbout("recipient"))
            return Greeted() is { } greeted ? Part(field, greeted) : null;
        if (field.Names.All(one => !one.Subjects.All(IsSender)))
            return null;
        // A program that writes to a customer names the customer in its greeting.
        var found = IsAutomatic() ? Greeted() : Introduced() ?? Sender();
        return found is null ? null : Part(field, found);
    }

    private static bool IsSender(string subject) =>
        subject is "customer" or "sender" or "contact" or "user" or "candidate" or "guest" or "person" or "first" or "last" or "full" or "booking" or "member" or "lead" or "attendee" or "patient" or "subscriber" or "tenant" or "owner" or "student" or "traveler" or "passenger" or "employee" or "customers";

    private IEnumerable<Found> Labelled(Field field)
    {
        foreach (var (label, score) in values.LabelsOf(field))
        {
            var end = label.ValueStart;
            while (end < label.ValueEnd && reading.Text[end] is not (',' or '\n' or '(' or '<' or ';' or '|'))
                end++;
            var text = reading.Text.AsSpan(label.ValueStart, end - label.ValueStart).Trim();
            var plausible = label.Kind == LabelKind.Line ? IsNameOrAny(text) : IsName(text.ToString());
            if (plausible && Rendering.Text(field, text.ToString()) is { } node)
                yield return new Found(node, label.ValueStart, label.ValueStart + text.Length, ValueFinder.Weighed(1, label, score));
        }
        // "Name: Kim Lee" also answers for the first and the last name.
        if (field.Kind is not (FieldKind.FirstName or FieldKind.LastName))
            yield break;
        var whole = new FieldName([.. field.Names[0].Subjects.Where(subject => subject is not ("first" or "last"))], ["name"], field.Names[0].Context);
        foreach (var label in reading.Labels)
        {
            if (label.Words.Any(word => word.Means("first") || word.Means("last")) || whole.Score(label.Words, mayLackPlace: false) < FieldName.Enough)
                continue;
            var text = reading.Text[label.ValueStart..label.ValueEnd];
            if (IsName(text) && Part(field, new Found(JsonValue.Create(text), label.ValueStart, label.ValueEnd, ValueFinder.Weighed(0.95, label, 1))) is { } part)
                yield return part;
        }
    }

    private bool IsAutomatic()
    {
        var local = (reading.Mail.FromAddress ?? "").Split('@')[0].ToUpperInvariant();
        if (local.Contains("REPLY", StringComparison.Ordinal) || local is "ORDERS" or "ORDER" or "NOTIFICATIONS" or "NOTIFICATION" or "BOOKINGS" or "BOOKING" or "RESERVATIONS" or "SHIPPING" or "BILLING" or "INVOICE" or "INVOICES" or "SHOP" or "STORE" or "SERVICE" or "SUPPORT" or "TRACKING" or "AUTO-CONFIRM" or "CONFIRMATION")
            return true;
        return reading.Mail.FromName is { } name && !IsName(name) && Greeted() is not null && Introduced() is null && Signed() is null;
    }

    /// <summary>"I am" and "this is" go before much that is no name.</summary>
    private Found? Introduced() => Introduced(Introduction, isSure: true) ?? Introduced(Presence, isSure: false);

    private Found? Introduced(Regex words, bool isSure)
    {
        for (var i = 0; i < reading.Lines.Count; i++)
        {
            var line = reading.Lines[i];
            if (line.Part != MailPart.New || reading.Trust[i] != LineTrust.Full || line.IsBlank)
                continue;
            var span = reading.SpanOf(line);
            foreach (var match in words.EnumerateMatches(span))
            {
                var start = line.Start + match.Index + match.Length;
                var length = NameLength(reading.Text.AsSpan(start, line.End - start));
                var text = reading.Text.Substring(start, length);
                if (IsName(text) && (isSure || IsBorneOut(text)))
                    return new Found(JsonValue.Create(text), start, start + length, Confidence.Introduction);
            }
        }
        return null;
    }

    /// <summary>One word ("I'm German") and what is shouted ("this is URGENT") are a name where the header or the signature has it too.</summary>
    private bool IsBorneOut(string text)
    {
        var isShouted = !text.Any(char.IsLower) && text.Any(char.IsUpper);
        if (text.Contains(' ', StringComparison.Ordinal) && !isShouted)
            return true;
        var (from, signed) = (FromHeader()?.Value.GetValue<string>(), Signed()?.Value.GetValue<string>());
        return from is null && signed is null
            ? !isShouted
            : from?.Contains(text, StringComparison.OrdinalIgnoreCase) == true || signed?.Contains(text, StringComparison.OrdinalIgnoreCase) == true;
    }

    /// <summary>How much of a text is words that begin with a capital.</summary>
    private static int NameLength(ReadOnlySpan<char> text)
    {
        var end = 0;
        for (var words = 0; words < 4; words++)
        {
            var at = end == 0 ? 0 : end + 1;
            if (end > 0 && (end >= text.Length || text[end] != ' '))
                break;
            var stop = at;
            while (stop < text.Length && (char.IsLetter(text[stop]) || text[stop] is '-' or '\'' or '’'))
                stop++;
            var particle = Particles.Contains(text[at..stop].ToString());
            if (stop == at || !(char.IsUpper(text[at]) || particle))
                break;
            end = stop;
        }
        return end;
    }

    /// <summary>The From header, or a fuller name in the signature.</summary>
    private Found? Sender()
    {
        var from = FromHeader();
        var signed = Signed();
        // One word in the header may as well be a firm's name.
        if (signed is null)
            return from?.Value.GetValue<string>().Contains(' ', StringComparison.Ordinal) == true ? from : null;
        if (from is null)
            return signed;
        var name = from.Value.GetValue<string>();
        var signature = signed.Value.GetValue<string>();
        // "Kim" below a mail from Kim Lee is Kim Lee.
        return !signature.Contains(' ', StringComparison.Ordinal) || name.Contains(signature, StringComparison.OrdinalIgnoreCase)
            ? InText(name, from)
            : signed;
    }

    /// <summary>A name of the header that stands in the text too has its evidence there.</summary>
    private Found InText(string name, Found header)
    {
        var at = reading.Text.LastIndexOf(name, Math.Min(reading.Text.Length, MailLines.LongestText) - 1, StringComparison.Ordinal);
        return at < 0 || reading.Trust[reading.LineAt(at)] != LineTrust.Full ? header : new Found(header.Value, at, at + name.Length, Confidence.Signature);
    }

    private Found? FromHeader()
    {
        if (reading.Mail.FromName is not { } name)
            return null;
        var text = name.Trim().Trim('"', '\'');
        var comma = text.IndexOf(", ", StringComparison.Ordinal);
        if (comma > 0 && text.IndexOf(',', comma + 1) < 0)
            text = text[(comma + 2)..] + " " + text[..comma];
        var paren = text.IndexOf('(', StringComparison.Ordinal);
        if (paren > 0)
            text = text[..paren].Trim();
        return IsName(text)
            ? new Found(JsonValue.Create(text), -1, -1, Confidence.FromHeader) { Source = EvidenceSource.From, Quote = name }
            : null;
    }

    /// <summary>The name that ends the mail.</summary>
    private Found? Signed()
    {
        var last = -1;
        for (var i = 0; i < reading.Lines.Count; i++)
        {
            if (!reading.Lines[i].IsBlank && reading.Lines[i].Part == MailPart.New && reading.Trust[i] == LineTrust.Full)
                last = i;
        }
        var seen = 0;
        for (var i = 0; i < reading.Lines.Count && seen < 8; i++)
        {
            var line = reading.Lines[i];
            if (line.IsBlank || reading.Trust[i] != LineTrust.Full || (line.Part != MailPart.Signature && i < last - 4) || line.Part is not (MailPart.Signature or MailPart.New))
                continue;
            var span = reading.SpanOf(line);
            // A name in the text itself counts only below a valediction.
            if (line.Part == MailPart.New && !(i > 0 && IsBelowValediction(i)))
                continue;
            seen++;
            var text = span.TrimStart("-–— ").ToString();
            if (IsName(text))
                return new Found(JsonValue.Create(text), line.End - text.Length, line.End, Confidence.Signature);
        }
        return null;
    }

    private bool IsBelowValediction(int line)
    {
        for (var i = line - 1; i >= Math.Max(0, line - 2); i--)
        {
            if (!reading.Lines[i].IsBlank)
                return Valediction.IsMatch(reading.SpanOf(reading.Lines[i]));
        }
        return false;
    }

    private Found? Greeted()
    {
        var seen = 0;
        for (var i = 0; i < reading.Lines.Count && seen < LinesOfGreeting; i++)
        {
            var line = reading.Lines[i];
            if (line.IsBlank || line.Part != MailPart.New || reading.Trust[i] != LineTrust.Full)
                continue;
            seen++;
            var span = reading.SpanOf(line);
            foreach (var match in Greeting.EnumerateMatches(span))
            {
                var start = line.Start + match.Length;
                var length = NameLength(reading.Text.AsSpan(start, line.End - start));
                var text = reading.Text.Substring(start, length);
                if (IsName(text))
                    return new Found(JsonValue.Create(text), start, start + length, Confidence.Synonym);
            }
        }
        return null;
    }

    /// <summary>The part of a whole name that the property asks for.</summary>
    private static Found? Part(Field field, Found name)
    {
        var text = name.Value.GetValue<string>();
        var space = text.LastIndexOf(' ');
        var part = field.Kind switch
        {
            FieldKind.FirstName => space < 0 ? text : text[..text.IndexOf(' ', StringComparison.Ordinal)],
            FieldKind.LastName => space < 0 ? "" : text[(text.IndexOf(' ', StringComparison.Ordinal) + 1)..],
            _ => text,
        };
        return Rendering.Text(field, part) is { } node ? name with { Value = node } : null;
    }

    private static bool IsNameOrAny(ReadOnlySpan<char> text) => text.Length is > 0 and <= 80 && !text.ContainsAny("@:?!") && text.Count(' ') <= 6 && char.IsLetter(text[0]);

    public static bool IsName(string text)
    {
        if (text.Length is < 2 or > 60 || Valediction.IsMatch(text))
            return false;
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length is 0 or > 5)
            return false;
        foreach (var word in words)
        {
            if (NoNames.Contains(Folded.Of(word.AsSpan().TrimEnd(".,"))) || !char.IsLetter(word[0]))
                return false;
            foreach (var c in word)
            {
                if (!char.IsLetter(c) && c is not ('-' or '\'' or '’' or '.') && char.GetUnicodeCategory(c) != System.Globalization.UnicodeCategory.NonSpacingMark)
                    return false;
            }
            if (word.EndsWith('.') && word.Length > 4)
                return false;
            if (char.IsLower(word[0]) && !Particles.Contains(word))
                return false;
        }
        return char.IsUpper(words[0][0]) && (words.Length == 1 || char.IsUpper(words[^1][0])) || char.GetUnicodeCategory(words[0][0]) == System.Globalization.UnicodeCategory.OtherLetter;
    }

    [GeneratedRegex(@"\b(?:my\sname\sis|my\sname['’]s|mein\sname\sist|ich\sheiße|je\sm['’]appelle|me\sllamo|mi\snombre\ses|mi\schiamo|il\smio\snome\sè|mijn\snaam\sis|ik\sheet|meu\snome\sé|o\smeu\snome\sé|chamo-me|me\schamo)\s", Options)]
    private static partial Regex Introduction { get; }

    [GeneratedRegex(@"\b(?:this\sis|i\sam|i['’]m|ich\sbin|je\ssuis|soy|sono|ik\sben|sou)\s(?:(?:o|a|die|der|il|la)\s)?", Options)]
    private static partial Regex Presence { get; }

    [GeneratedRegex(@"^(?:dear|hello|hi|hey|good\s(?:morning|afternoon|day)|liebe[r]?|hallo|guten\stag|sehr\sgeehrte[r]?|bonjour|cher|chère|madame|monsieur|hola|estimad[oa]|querid[oa]|buenos\sdías|ciao|gentile|buongiorno|caro|cara|egregio|beste|geachte|goedendag|olá|prezad[oa]|car[oa]|exm[oa]\.?)\s(?:(?:mr|mrs|ms|dr|herr|frau|m|mme|monsieur|madame|sr|sra|señor|señora|sig|signor|signora|heer|mevrouw|senhor|senhora)\.?a?\s)?", Options)]
    private static partial Regex Greeting { get; }

    [GeneratedRegex(@"^(?:(?:kind|best|warm|many)?\s?(?:regards|wishes)|best|thanks|thank\syou|many\sthanks|cheers|sincerely|yours\s\w+|mit\s(?:freundlichen|besten)\s\w+|(?:viele|liebe|beste|freundliche)\sgr\w+|gru(?:ß|ss)|danke|vielen\sdank|mfg|lg|cordialement|bien\s\w+|merci|salutations|saludos|un\ssaludo|atentamente|gracias|muchas\sgracias|cordiali\ssaluti|distinti\ssaluti|saluti|grazie|met\svriendelijke\s\w+|groet\w*|bedankt|cumprimentos|atenciosamente|obrigad[oa])[,.!\s]*$", Options)]
    private static partial Regex Valediction { get; }

    private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;
}
