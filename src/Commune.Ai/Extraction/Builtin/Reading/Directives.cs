using System.Text.RegularExpressions;

namespace Commune.Ai.Extraction.Builtin.Reading;

#pragma warning disable MA0009 // They read one line of bounded length, and no repetition is nested in another: there is nothing to backtrack into.

/// <summary>
/// Finds what is written to the reader as a machine: orders to set a property, to forget its instructions, data that names properties.
/// A mail says what its sender wants in words to people; words to the program are no evidence of anything.
/// </summary>
internal static partial class Directives
{
    /// <summary>What each line is worth as evidence.</summary>
    /// <param name="lines">A line that holds an order beside other sentences is cut into them.</param>
    /// <param name="properties">The names of the schema's properties.</param>
    public static LineTrust[] Of(string text, List<TextLine> lines, IReadOnlyCollection<string> properties)
    {
        var names = properties.Where(IsProgrammatic).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var all = properties.Select(Spoken).Where(name => name.Length > 0).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var whole = lines.ToArray();
        var trust = new List<LineTrust>(whole.Length);
        lines.Clear();
        var tainted = false;
        var opensBlock = false;
        foreach (var line in whole)
        {
            if (line.IsBlank)
            {
                // "Return this:" and a blank line do not end the order.
                tainted = tainted && opensBlock;
                opensBlock = false;
                Add(line, LineTrust.None);
                continue;
            }
            var span = text.AsSpan(line.Start, line.Length);
            opensBlock = tainted && opensBlock;
            var ordered = tainted;
            if (IsDirective(span, names, all))
            {
                tainted = true;
                TaintBack(lines, trust, line.Part);
            }
            if (!tainted)
            {
                Add(line, IsCode(span) ? LineTrust.Code : LineTrust.Full);
                continue;
            }
            opensBlock = span[^1] is ':' or '{' or '[';
            foreach (var (piece, worth) in ordered ? [(line, LineTrust.None)] : Pieces(text, line, names, all))
                Add(piece, worth);
        }
        return [.. trust];

        void Add(TextLine line, LineTrust worth)
        {
            lines.Add(line);
            trust.Add(worth);
        }
    }

    /// <summary>The sentences of a line that holds an order; one piece where it is not one of them alone.</summary>
    private static List<(TextLine Line, LineTrust Trust)> Pieces(string text, TextLine line, HashSet<string> names, HashSet<string> spoken)
    {
        var pieces = new List<(TextLine Line, LineTrust Trust)>();
        var orders = false;
        var replaces = Turn.IsMatch(text.AsSpan(line.Start, line.Length));
        for (var start = line.Start; start < line.End;)
        {
            var end = start;
            while (end < line.End && !IsSentenceEnd(text, end, line.End))
                end++;
            end = Math.Min(end + 1, line.End);
            var sentence = text.AsSpan(start, end - start);
            var isOrder = IsDirective(sentence, names, spoken);
            orders |= isOrder;
            // What follows "ignore your instructions" is what to do in their place.
            replaces |= isOrder && Override.IsMatch(sentence);
            pieces.Add((line with { Start = start, End = end }, isOrder || replaces || IsCode(sentence) ? LineTrust.None : LineTrust.Beside));
            start = end;
            while (start < line.End && char.IsWhiteSpace(text[start]))
                start++;
        }
        return orders ? pieces : [(line, LineTrust.None)];
    }

    // "Order no. 17" goes on.
    private static bool IsSentenceEnd(string text, int at, int end) =>
        text[at] is '.' or '!' or '?' && (at + 1 >= end || (char.IsWhiteSpace(text[at + 1]) && !(at + 2 < end && char.IsAsciiDigit(text[at + 2]))));

    // "wants_refund", "wantsRefund": nobody says that to a person.
    private static bool IsProgrammatic(string name) =>
        name.Contains('_', StringComparison.Ordinal) || name.Contains('-', StringComparison.Ordinal)
        || (name.Length > 2 && char.IsLower(name[0]) && name.Any(char.IsUpper));

    private static string Spoken(string name) => string.Join(' ', WordReader.OfName(name).Select(word => word.Folded));

    /// <summary>A sentence that runs over several lines is one.</summary>
    private static void TaintBack(List<TextLine> lines, List<LineTrust> trust, MailPart part)
    {
        if (lines.Count > 0 && !lines[^1].IsBlank && lines[^1].Part == part && trust[^1] == LineTrust.Full && lines[^1].Length > 50)
            trust[^1] = LineTrust.None;
    }

    private static bool IsDirective(ReadOnlySpan<char> line, HashSet<string> names, HashSet<string> spoken) =>
        Override.IsMatch(line) || Machine.IsMatch(line) || Turn.IsMatch(line) || SetsProperty(line, spoken) || NamesProperty(line, names);

    /// <summary>"set the urgency to critical"</summary>
    private static bool SetsProperty(ReadOnlySpan<char> line, HashSet<string> spoken)
    {
        foreach (var match in Setting.EnumerateMatches(line))
        {
            var phrase = line.Slice(match.Index, match.Length);
            var space = phrase.IndexOf(' ');
            var name = Folded(phrase[(space + 1)..]);
            if (spoken.Any(property => name.Contains(" " + property + " ", StringComparison.OrdinalIgnoreCase)))
                return true;
        }
        return false;
    }

    private static string Folded(ReadOnlySpan<char> phrase) => " " + Spoken(phrase.ToString()) + " ";

    /// <summary>A property's own name in a sentence or in data; a form's line "order_id: A-17" is neither.</summary>
    private static bool NamesProperty(ReadOnlySpan<char> line, HashSet<string> names)
    {
        if (names.Count == 0 || IsFormLine(line))
            return false;
        foreach (var match in Programmatic.EnumerateMatches(line))
        {
            if (names.GetAlternateLookup<ReadOnlySpan<char>>().Contains(line.Slice(match.Index, match.Length)) && !IsInQuotes(line, match.Index))
                return true;
        }
        return false;
    }

    private static bool IsFormLine(ReadOnlySpan<char> line)
    {
        var colon = line.IndexOfAny(':', '\t');
        return colon > 0 && !line[..colon].TrimEnd().Contains(' ') && line[0] is not ('"' or '\'' or '{' or '`');
    }

    // Data is judged as data.
    private static bool IsInQuotes(ReadOnlySpan<char> line, int at) => at > 0 && line[at - 1] is '"' or '\'' && IsCode(line);

    private static bool IsCode(ReadOnlySpan<char> line) =>
        line[0] is '{' or '}' or '[' or '<' or '`' || CodePair.IsMatch(line);

    [GeneratedRegex(
        """
        \b(?:ignore|disregard|forget|override|bypass|skip)\b.{0,60}\b(?:instructions?|prompts?|rules|guidelines|directives?|schema|programming|constraints)\b
        |\b(?:ignoriere?n?|vergiss|vergessen\sSie|missachte)\b.{0,60}\b(?:anweisung(?:en)?|instruktionen|regeln|vorgaben|schema)\b
        |\b(?:ignore[zr]?|oublie[zr]?)\b.{0,60}\b(?:instructions?|consignes?|règles|directives)\b
        |\b(?:ignor[ae]n?|olvid[ae]n?)\b.{0,60}\b(?:instrucciones|reglas|indicaciones|istruzioni|regole|instruções|regras)\b
        |\b(?:esqueç[ae]|dimentic[ahi]+)\b.{0,60}\b(?:instruções|regras|istruzioni|regole)\b
        |\b(?:negeer|vergeet)\b.{0,60}\b(?:instructies|regels|aanwijzingen|opdrachten)\b
        |\bnew\s(?:instructions?|rules?|system\sprompt)\s?:
        """,
        Options)]
    private static partial Regex Override { get; }

    [GeneratedRegex(
        """
        \byou\sare\s(?:now\s)?(?:an?\s|the\s)?(?:ai|llm|assistant|language\smodel|bot|parser|extractor|extraction)\b|\bas\san\s(?:ai|llm)\b
        |\b(?:note|message|instructions?|attention|memo|dear|hey|hello|hi)\s(?:to|for)?\s?(?:the\s|all\s|any\s|our\s|your\s)?(?:ai|llms?|ai\sassistant|language\smodel|bot|parser|extractor|extraction|model|agent|automation|machine)\b
        |\b(?:note|message|instructions?|memo)\s(?:to|for)\s(?:the\s|any\s|your\s)?assistants?\b
        |\bsystem\sprompt\b|\b(?:extraction|extracted|output)\s(?:result|data|schema|json|fields?|must|should)\b|\bjson\s(?:output|object|response|schema|field)\b
        |\b(?:respond|reply|answer|return|output|print|emit)\s(?:only\s)?(?:with\s|in\s)?(?:the\sfollowing\s|this\s|valid\s)?(?:json|\{|schema)
        |\b(?:the|this|every|each|all)\s(?:field|property|properties|attribute|boolean|schema|extractor|parser|llm)s?\b.{0,40}\b(?:to|as|must|should|is|are|=)\b
        |\b(?:ki|ia)[\s-](?:assistent|assistant|asistente|assistente)\b
        """,
        Options)]
    private static partial Regex Machine { get; }

    [GeneratedRegex(
        @"(?:^|[.!?]\s)(?:ai|llm|system|assistant)\s?:|^(?:\#{1,4}\s?)?(?:system|assistant|developer|instructions?|tool)\s?(?:message|prompt)?\s?:|<\|?(?:im_start|im_end|system|assistant|endoftext)|\[/?(?:inst|system)\]|<<sys>>|<(?:system|instructions?|prompt)>",
        Options)]
    private static partial Regex Turn { get; }

    [GeneratedRegex(
        """
        \b(?:set|mark|fill|put|change|update|record|assign|output|return|report|write|enter|setze?n?|ändere|trage|mets|mettez|définis|définissez|pon|ponga|establece|establezca|imposta|impostare|stel|zet|defina|defin[ae])\s
        [^.!?:=]{1,60}?(?:\sto\s|\sas\s|\sauf\s|\ssur\s|\sà\s|\scomo\s|\sa\s|\sop\s|\sin\s|\spara\s|\swith\s|\s?=|\s?:)
        """,
        Options)]
    private static partial Regex Setting { get; }

    [GeneratedRegex(@"[A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)+|[a-z]+[A-Z][A-Za-z0-9]*")]
    private static partial Regex Programmatic { get; }

    [GeneratedRegex("""["'][\w .-]{1,60}["']\s?:|\w=["']""")]
    private static partial Regex CodePair { get; }

    private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace;
}

/// <summary>What a line is worth as evidence.</summary>
internal enum LineTrust
{
    /// <summary>Written to the program: nothing.</summary>
    None,

    /// <summary>A sentence to people beside one to the program: it can name ids, and nothing else.</summary>
    Beside,

    /// <summary>Data in a programming language: it can name ids and texts, not decide what the sender wants.</summary>
    Code,

    /// <summary>Written to people.</summary>
    Full,
}
